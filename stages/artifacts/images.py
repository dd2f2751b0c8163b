"""The size of an image, the number of classes, and the one path from pixels to network input."""

import numpy as np

SIDE = 28  # pixels
CLASSES = 10  # the digits 0-9


def normalise(pixels: np.ndarray) -> np.ndarray:
    """Turn (n, 784) uint8 pixels, ink = 255, into (n, 28, 28) float32 images in [0, 1]."""
    return (pixels.astype(np.float32) / 255).reshape(-1, SIDE, SIDE)
