"""Any image of a digit, converted as MNIST's makers did: bright ink on black, 28x28, scaled and centred.

The recipe is that of Y. LeCun's page on MNIST: the ink's tight box scaled to 20 pixels, the centre of mass at (14, 14).
Ends in pixels; `images.normalise` turns these into network input, as it does the CSVs' pixels.
"""

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from stages.artifacts.errors import PipelineError
from stages.artifacts.images import SIDE

BOX = 20  # pixels: the longer side of the ink's box
CENTRE = SIDE // 2

_WORKING_SIDE = 400  # pixels: more carry no more of a digit
_FAINTEST_INK = 25  # of 255, against the background: less is paper
_LEAST_SHARE = 0.02  # of the strongest contrast: less is no ink
_UNEVEN = 12  # of 255: a border that varies by more is lit unevenly


def to_pixels(image: Image.Image) -> np.ndarray:
    """Return (28, 28) uint8, ink = 255, of an image of one digit: any size, mode, polarity and lighting.

    Raises PipelineError if there is no ink.
    """
    grey = _to_grey(image)
    contrast, noise = _contrast(grey)
    if contrast.max() < max(_FAINTEST_INK, noise):
        raise PipelineError("no ink: the image is blank")
    ink = np.where(contrast > max(noise, _LEAST_SHARE * contrast.max()), contrast, 0)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return _centre(_fit(box))


def _to_grey(image: Image.Image) -> Image.Image:
    """Return the image upright, without alpha, at most 400 pixels wide and high, in 8 bits of grey."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I") or image.mode == "F":  # 16 or more bits per pixel, which convert() would cut off
        values = np.nan_to_num(np.asarray(image, np.float64), posinf=0, neginf=0)
        image = Image.fromarray((values * (255 / max(values.max(), 1))).clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        grey, alpha = np.asarray(image.convert("L")), np.asarray(image.getchannel("A"))
        drawn = grey[alpha > 127]
        background = 0 if drawn.size and drawn.mean() > 127 else 255  # what the drawing stands out from
        paper = Image.new("RGBA", image.size, (background, background, background, 255))
        image = Image.alpha_composite(paper, image)
    image = image.convert("L")
    image.thumbnail((_WORKING_SIDE, _WORKING_SIDE), Image.Resampling.BOX)
    return image


def _contrast(grey: Image.Image) -> tuple[np.ndarray, float]:
    """Return how far each pixel stands out from the background, (h, w) in 0-255, whichever of the two is darker.

    And what of it is noise: the scatter of the border, or for uneven light a quarter of the strongest.
    """
    values = np.asarray(grey, np.float64)
    margin = max(1, min(values.shape) // 20)
    border = np.concatenate([*values[:margin], *values[-margin:], *values[:, :margin].T, *values[:, -margin:].T])
    dark_on_light = np.median(border) > (values.min() + values.max()) / 2
    sign = 1 if dark_on_light else -1
    difference = sign * (float(np.median(border)) - values)
    # On the paper's side of the border alone: the other may hold ink that runs to the edge.
    spread = 2 * abs(np.percentile(border, 90 if dark_on_light else 10) - np.median(border))
    noise = 2 * spread
    if spread > _UNEVEN:
        difference = sign * (_background(grey, dark_on_light) - values)
        noise = 0.25 * difference.max()
    return difference.clip(0, 255), noise


def _background(grey: Image.Image, light: bool) -> np.ndarray:
    """Return an unevenly lit background, (h, w): the lightest (darkest) around each pixel, smoothed."""
    small = grey.copy()
    small.thumbnail((64, 64), Image.Resampling.BOX)
    widest = ImageFilter.MaxFilter(15) if light else ImageFilter.MinFilter(15)
    narrowest = ImageFilter.MinFilter(15) if light else ImageFilter.MaxFilter(15)
    smooth = small.filter(widest).filter(narrowest).filter(ImageFilter.GaussianBlur(3))
    return np.asarray(smooth.resize(grey.size, Image.Resampling.BILINEAR), np.float64)


def _fit(box: np.ndarray) -> np.ndarray:
    """Scale (h, w) ink so that its longer side has 20 pixels and its brightest is 255; return float64."""
    height, width = box.shape
    scale = BOX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    filter_ = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    fitted = np.asarray(Image.fromarray(box.astype(np.float32)).resize(size, filter_), np.float64)
    return fitted * (255 / fitted.max())


def _centre(ink: np.ndarray) -> np.ndarray:
    """Paste ink, at most 20 pixels wide and high, by a whole shift that brings its centre of mass nearest (14, 14)."""
    pixels = np.zeros((SIDE, SIDE), np.uint8)
    starts = []
    for axis, length in enumerate(ink.shape):
        mass = ink.sum(axis=1 - axis)
        centre = (np.arange(length) * mass).sum() / mass.sum()
        starts.append(int(np.clip(round(CENTRE - centre), 0, SIDE - length)))
    top, left = starts
    pixels[top : top + ink.shape[0], left : left + ink.shape[1]] = np.rint(ink)
    return pixels
