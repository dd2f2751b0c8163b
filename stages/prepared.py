"""The arrays that preprocess makes and every later stage reads, one `.npy` each, memory-mapped."""

from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from stages.paths import PREPARED

Subset = Literal["train", "validation", "test"]


class Digits(NamedTuple):
    """Images and their labels."""

    images: np.ndarray  # (n, 28, 28) float32 in [0, 1]
    labels: np.ndarray  # (n,) uint8 in 0-9; (0,) where the labels are not known


def images_path(subset: Subset) -> Path:
    return PREPARED / f"{subset}_images.npy"


def labels_path(subset: Subset) -> Path:
    return PREPARED / f"{subset}_labels.npy"


def save(subset: Subset, digits: Digits) -> None:
    PREPARED.mkdir(parents=True, exist_ok=True)
    np.save(images_path(subset), digits.images, allow_pickle=False)
    np.save(labels_path(subset), digits.labels, allow_pickle=False)


def load_images(subset: Subset) -> np.ndarray:
    """Return (n, 28, 28) float32 images, read from the disk as they are used."""
    return np.load(images_path(subset), mmap_mode="r", allow_pickle=False)


def load(subset: Subset) -> Digits:
    return Digits(load_images(subset), np.load(labels_path(subset), allow_pickle=False))
