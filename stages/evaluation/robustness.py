"""How a network's accuracy falls as images are rotated, shifted, or drowned in noise or blur: one curve each.

Fixed: the same images, directions and noise whatever the network and the seed of params.yaml, so that curves compare.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from sklearn.metrics import accuracy_score

from stages.artifacts.arrays import Digits
from stages.artifacts.images import SIDE

IMAGES = 2000  # of a subset that are corrupted: an accuracy of 95 % is then known to within 1 point
LEVELS = 7  # points of a curve, the first at strength 0

_DIRECTIONS = np.array([(0, 1), (0, -1), (1, 0), (-1, 0)])  # (row, column)


def rotate(images: np.ndarray, degrees: float) -> np.ndarray:
    """Rotate (n, 28, 28) images about their centre, each to the left or the right, by one bilinear resampling."""
    signs = np.random.RandomState(1).choice([-1, 1], len(images))
    rotated = np.empty_like(images)
    for row, (image, sign) in enumerate(zip(images, signs, strict=True)):
        rotated[row] = Image.fromarray(image).rotate(sign * degrees, Image.Resampling.BILINEAR)
    return rotated


def shift(images: np.ndarray, pixels: float) -> np.ndarray:
    """Move each of (n, 28, 28) images up, down, left or right by whole pixels; ink beyond the frame is lost."""
    steps = round(pixels)
    moved = _DIRECTIONS[np.random.RandomState(2).randint(len(_DIRECTIONS), size=len(images))] * steps  # (n, 2)
    padded = np.pad(images, [(0, 0), (steps, steps), (steps, steps)])
    rows, columns = (np.arange(SIDE) + steps - moved[:, axis, None] for axis in (0, 1))  # (n, 28) each
    return padded[np.arange(len(images))[:, None, None], rows[:, :, None], columns[:, None, :]]


def add_noise(images: np.ndarray, sigma: float) -> np.ndarray:
    """Add Gaussian noise to (n, 28, 28) images in [0, 1], and clip to that range."""
    noise = np.random.RandomState(3).standard_normal(images.shape).astype(np.float32)
    return (images + np.float32(sigma) * noise).clip(0, 1)


def blur(images: np.ndarray, sigma: float) -> np.ndarray:
    """Blur (n, 28, 28) images by a Gaussian of that many pixels; outside the frame there is no ink."""
    return gaussian_filter(images, sigma, mode="constant", truncate=8, axes=(1, 2))


class Corruption(NamedTuple):
    apply: Callable[[np.ndarray, float], np.ndarray]
    strongest: float
    unit: str


CORRUPTIONS = {
    "blur": Corruption(blur, 1.8, "sigma"),  # pixels
    "noise": Corruption(add_noise, 0.3, "sigma"),  # of the range from paper to ink
    "rotation": Corruption(rotate, 45, "degrees"),
    "shift": Corruption(shift, 6, "pixels"),
}


def sample(digits: Digits) -> Digits:
    """Return 2,000 of the images, the same ones at every call, in their order; all, if there are fewer."""
    rows = np.sort(np.random.RandomState(0).permutation(len(digits.labels))[:IMAGES])
    return Digits(digits.images[rows], digits.labels[rows])


def curves(digits: Digits, predict: Callable[[np.ndarray], np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """Return, for each corruption, (7,) strengths by the name of their unit, and the (7,) "accuracy" at each.

    `predict` turns (n, 28, 28) images into (n, 10) probabilities.
    """

    def accuracy(images: np.ndarray) -> float:
        return float(accuracy_score(digits.labels, predict(images).argmax(axis=1)))

    clean = accuracy(digits.images)
    found = {}
    for name, (apply, strongest, unit) in CORRUPTIONS.items():
        strengths = np.linspace(0, strongest, LEVELS)
        accuracies = [clean, *(accuracy(apply(digits.images, strength)) for strength in strengths[1:])]
        found[name] = {unit: strengths, "accuracy": np.array(accuracies)}
    return found
