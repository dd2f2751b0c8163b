"""Loose ink brought into the form of MNIST's digits: 28x28, the ink's box scaled to 20 pixels, and centred.

The recipe is that of Y. LeCun's page on MNIST: the ink's tight box scaled to 20 pixels, the centre of mass at (14, 14).
The network that screens has to see non-digits in the form in which the app shows it everything.
"""

import numpy as np
from PIL import Image

from stages.artifacts.images import SIDE

BOX = 20  # pixels: the longer side of the ink's box
CENTRE = SIDE // 2

_FAINTEST = 30  # of 255: less is no ink


def form(ink: np.ndarray) -> np.ndarray | None:
    """Return (28, 28) uint8, ink = 255, of (h, w) uint8 ink on black; None if there is none."""
    seen = ink > _FAINTEST
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows):
        return None
    return centre(fit(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]))


def fit(box: np.ndarray) -> np.ndarray:
    """Scale (h, w) ink so that its longer side has 20 pixels and its brightest is 255; return float64."""
    height, width = box.shape
    scale = BOX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    filter_ = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    fitted = np.asarray(Image.fromarray(box.astype(np.float32)).resize(size, filter_), np.float64)
    return fitted * (255 / fitted.max())


def centre(ink: np.ndarray) -> np.ndarray:
    """Paste ink, at most 20 pixels wide and high, by a whole shift that brings its centre of mass nearest (14, 14).

    Returns (28, 28) uint8.
    """
    pixels = np.zeros((SIDE, SIDE), np.uint8)
    starts = []
    for axis, length in enumerate(ink.shape):
        mass = ink.sum(axis=1 - axis)
        middle = (np.arange(length) * mass).sum() / mass.sum()
        starts.append(int(np.clip(round(CENTRE - middle), 0, SIDE - length)))
    top, left = starts
    pixels[top : top + ink.shape[0], left : left + ink.shape[1]] = np.rint(ink)
    return pixels
