"""Pictures made smaller or larger: never of more pixels than are needed, and never without any."""

import cv2
import numpy as np


def resized(image: np.ndarray, factor: float) -> np.ndarray:
    """Return an (h, w) or (h, w, 3) image in another size, at least one pixel wide and high."""
    height, width = (max(1, round(side * factor)) for side in image.shape[:2])
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)


def shrunk(image: np.ndarray, side: float) -> tuple[np.ndarray, float]:
    """Return an image whose longer side has at most so many pixels, and the factor by which it shrank."""
    factor = min(1.0, side / max(image.shape[:2]))
    return (resized(image, factor), factor) if factor < 1 else (image, factor)
