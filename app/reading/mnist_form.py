"""A digit's ink in the form of MNIST's images: 28x28, bright on black, scaled, centred, and as thick as a pen's.

The recipe is that of Y. LeCun's page on MNIST: the ink's tight box scaled to 20 pixels, the centre of mass at (14, 14).
Ends in pixels; `images.normalise` turns these into network input, as it does the CSVs' pixels.
"""

import cv2
import numpy as np

from app.reading.marks import Mark
from stages.artifacts.images import SIDE

BOX = 20  # pixels: the longer side of the ink's box
CENTRE = SIDE // 2

_FULL = 0.8  # of a mark's strength: more is full ink
_LEAST_INK = 0.3  # of full ink: less is outside the box
_THIN, _THICK = 0.085, 0.1  # of the longer side: a thinner stroke is drawn as thick as the second


def mnist_form(mark: Mark) -> np.ndarray:
    """Return (28, 28) uint8, ink = 255."""
    longer = max(mark.mask.shape)
    missing = round((_THICK - mark.stroke / longer) * longer) if mark.stroke / longer < _THIN else 0
    margin = missing + 2
    mask = np.pad(mark.mask, margin).astype(np.uint8)
    ink = np.pad(np.clip(mark.contrast / (_FULL * mark.strength), 0, 1), margin)
    ink *= cv2.dilate(mask, np.ones((3, 3), np.uint8))  # with its soft edge, and without other marks
    if missing:
        ink = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (missing + 1, missing + 1)))
    rows, columns = (np.flatnonzero((ink > _LEAST_INK).any(axis=axis)) for axis in (1, 0))
    return _centred(_fitted(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]))


def _fitted(ink: np.ndarray) -> np.ndarray:
    """Scale (h, w) ink so that its longer side has 20 pixels and its brightest is 255; return float32."""
    height, width = ink.shape
    scale = BOX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    fitted = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return fitted.reshape(size[::-1]) * (255 / fitted.max())


def _centred(ink: np.ndarray) -> np.ndarray:
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
