"""A digit's ink in the form of MNIST's images: evenly bright, without its neighbours, and as thick as a pen's.

Ends in pixels; `images.normalise` turns these into network input, as it does the CSVs' pixels.
"""

import cv2
import numpy as np

from app.reading.marks import Mark
from stages.screening.mnist_form import centre, fit

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
        ink[:] = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (missing + 1, missing + 1)))
    rows, columns = (np.flatnonzero((ink > _LEAST_INK).any(axis=axis)) for axis in (1, 0))
    return centre(fit(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]))
