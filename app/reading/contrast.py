"""How far ink stands out from the paper around it, whatever the light, the colours and the shadows."""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from app.reading.sizes import shrunk

REACHES = (0.35, 0.15, 0.06)  # of the shorter side: how far from ink its paper is looked for

_PAPER_SIDE = 256  # pixels, of the picture that the paper is estimated on
_FAINTEST = 10.0  # of 255: less is the paper's own texture
_WIDE = 101  # pixels of these: strokes are narrower than half of this
_FRAME = 0.02  # of the shorter side: the width of a frame around the picture
_SLOPED = 0.7  # of the variance of the light: a slope that explains as much is one
_BLOCKS = 64  # of the longer side: how finely the strongest ink nearby is known
_NEARBY = 10  # blocks
_LEAST_SHARE = 0.22  # of the strongest ink nearby: less is a shadow, a stain or the ink of the other side
_COLOURED = 1.6  # times the edges of grey: a channel with such edges shows more
_EDGES = 99.5  # percentile
_LEAST_EDGES = 4.0  # of 255: less is noise


def single_channel(picture: np.ndarray) -> np.ndarray:
    """Return the channel of an (h, w, 3) picture in which ink stands out, (h, w) uint8: grey, if no other is clearer.

    The others are red, green, blue and the two differences of colours, which show red ink on green paper of equal
    brightness. One channel, as ink that is darker in one and lighter in another has no polarity in all three.
    """
    small, _ = shrunk(picture, 2 * _PAPER_SIDE)
    edges = {channel: _edges(channel(small)) for channel in channels(small)}
    clearest = max(edges, key=lambda channel: edges[channel])
    return (clearest if edges[clearest] > _COLOURED * edges[_grey] else _grey)(picture)


def _grey(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def _red_green(picture: np.ndarray) -> np.ndarray:
    return cv2.addWeighted(picture[..., 0], 0.5, picture[..., 1], -0.5, 128)


def _blue_yellow(picture: np.ndarray) -> np.ndarray:
    yellow = cv2.addWeighted(picture[..., 0], 0.5, picture[..., 1], 0.5, 0)
    return cv2.addWeighted(picture[..., 2], 0.5, yellow, -0.5, 128)


_CHANNELS: list[Callable[[np.ndarray], np.ndarray]] = [
    _grey, *(partial(cv2.extractChannel, coi=i) for i in range(3)), _red_green, _blue_yellow
]  # fmt: skip


def channels(picture: np.ndarray) -> list[Callable[[np.ndarray], np.ndarray]]:
    """Return the channels in which something of an (h, w, 3) picture may stand out: grey alone if it has no colours."""
    red, green, blue = cv2.split(picture)
    return [_grey] if np.array_equal(red, green) and np.array_equal(green, blue) else _CHANNELS


def _edges(channel: np.ndarray) -> float:
    """Return how steep the steepest edges of an (h, w) uint8 channel are."""
    smooth = cv2.GaussianBlur(channel, (0, 0), 1.0)
    slopes = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return max(float(np.percentile(slopes, _EDGES)), _LEAST_EDGES)


def has_light_ink(channel: np.ndarray) -> bool:
    """Tell whether what is narrow in an (h, w) uint8 channel is lighter than what is around it."""
    small, _ = shrunk(channel, _PAPER_SIDE)
    edge = max(1, round(_FRAME * min(small.shape)))  # a frame would be repeated beyond the edge
    inner = small[edge:-edge, edge:-edge] if min(small.shape) > 8 * edge else small
    around = cv2.copyMakeBorder(inner, _WIDE, _WIDE, _WIDE, _WIDE, cv2.BORDER_REFLECT)
    paper = cv2.medianBlur(around, _WIDE)[_WIDE:-_WIDE, _WIDE:-_WIDE]
    return bool(((inner.astype(np.float64) - paper) ** 3).sum() > 0)


def contrast(channel: np.ndarray, light_ink: bool, reach: float) -> np.ndarray:
    """Return how much darker (lighter) than its paper each pixel is, (h, w) float32 in 0-255.

    The paper is a morphological closing, which leaves the edges of shadows, sheets and tables where they are, and
    fills whatever is narrower than `reach`, a fraction of the shorter side.
    """
    image = cv2.bitwise_not(channel) if light_ink else channel
    image = cv2.GaussianBlur(image, (0, 0), 0.8)
    height, width = image.shape
    image = _levelled(image)
    small, _ = shrunk(image, _PAPER_SIDE * REACHES[0] / reach)
    side = max(3, round(min(small.shape) * reach)) | 1
    padded = cv2.copyMakeBorder(small, side, side, side, side, cv2.BORDER_REFLECT)
    paper = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))[side:-side, side:-side]
    paper = cv2.erode(paper, np.ones((3, 3), np.uint8))  # else the light side of an edge would reach over it
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.maximum(paper - image, 0)


def _levelled(image: np.ndarray) -> np.ndarray:
    """Return an (h, w) uint8 image as float32, less a smooth slope of its light if it has one.

    The closing cannot see where a slope would go on beyond the picture's edge.
    """
    blocks = cv2.resize(cv2.medianBlur(cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA), 9), (16, 16))
    values, slope = blocks.astype(np.float64).ravel(), _slope(16, 16)
    weights, *_ = np.linalg.lstsq(slope, values, rcond=None)
    if np.var(values - slope @ weights) > (1 - _SLOPED) * np.var(values):
        return image.astype(np.float32)
    small = (_slope(32, 32) @ weights).reshape(32, 32).astype(np.float32)
    return image - cv2.resize(small, image.shape[::-1], interpolation=cv2.INTER_LINEAR) + np.float32(values.max())


def _slope(rows: int, columns: int) -> np.ndarray:
    """Return the terms of a surface of the second degree at the middle of each block, (rows * columns, 6)."""
    y, x = ((np.indices((rows, columns)) + 0.5) / [[[rows]], [[columns]]]).reshape(2, -1)
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


def ink_mask(contrast: np.ndarray) -> np.ndarray:
    """Return where ink is, (h, w) bool: more than the paper's noise, and not much less than the ink nearby."""
    sample = contrast[::4, ::4]
    middle = float(np.median(sample))
    noise = 1.4826 * float(np.median(np.abs(sample - middle)))
    nearby = cv2.dilate(_largest_of_blocks(contrast), np.ones((_NEARBY * 2 + 1,) * 2, np.uint8))
    nearby = cv2.resize(nearby, contrast.shape[::-1])
    return contrast > np.maximum(max(_FAINTEST, middle + 6 * noise), _LEAST_SHARE * nearby)


def _largest_of_blocks(values: np.ndarray) -> np.ndarray:
    scale = min(1.0, _BLOCKS / max(values.shape))
    starts = [np.linspace(0, n, max(1, round(n * scale)), endpoint=False).astype(int) for n in values.shape]
    return np.maximum.reduceat(np.maximum.reduceat(values, starts[0], axis=0), starts[1], axis=1)


def local_mean(values: np.ndarray, weight: np.ndarray, reach: int) -> np.ndarray:
    """Return the weighted mean of (h, w) float32 values up to `reach` pixels around each, NaN where no weight is."""
    window = (2 * reach + 1,) * 2
    with np.errstate(invalid="ignore", divide="ignore"):
        share = cv2.blur(weight, window)
        return np.where(share > 1e-3, cv2.blur(values * weight, window) / share, np.nan)
