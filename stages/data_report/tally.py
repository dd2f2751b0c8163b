"""What is counted of the data, block by block: images of each digit, ink, blank images, and images that are repeated.

Two images are equal if all their pixels are. Only a hash of each is kept, so the subsets need not fit into memory.
"""

import hashlib
from collections.abc import Mapping

import numpy as np

from stages.artifacts.arrays import Subset
from stages.artifacts.images import CLASSES, SIDE

BINS = 100  # of the ink of an image, each 0.01 wide

_PIXELS = SIDE * SIDE
_FULL = 255 * _PIXELS  # the sum of the pixels of an image that is all ink
_HASH = 16  # bytes: that any two of ten million images share one by chance has a probability of 1e-25


class Tally:
    """The counts of one subset, which are complete once `add` has had all its rows."""

    def __init__(self) -> None:
        self.images = np.zeros(CLASSES, np.int64)  # of each digit; 0 if the labels are unknown
        self.blank = 0  # images without ink
        self._digit_sums = np.zeros((CLASSES, _PIXELS), np.int64)  # of each pixel, over the images of a digit
        self._sum = 0  # of all pixels
        self._bins = np.zeros(BINS + 1, np.int64)  # images by ink; the last bin has those that are all ink
        self._hashes = bytearray()

    def add(self, pixels: np.ndarray, labels: np.ndarray) -> None:
        """Count (n, 784) uint8 pixels and their (n,) uint8 labels, or (0,) if they are unknown."""
        ink = pixels.sum(axis=1, dtype=np.int64)
        self.blank += int(np.count_nonzero(ink == 0))
        self._sum += int(ink.sum())
        self._bins += np.bincount(ink * BINS // _FULL, minlength=BINS + 1)
        for digit in np.unique(labels):
            of_digit = pixels[labels == digit]
            self.images[digit] += len(of_digit)
            self._digit_sums[digit] += of_digit.sum(axis=0, dtype=np.int64)
        for row in np.ascontiguousarray(pixels):
            self._hashes += hashlib.blake2b(row, digest_size=_HASH).digest()

    @property
    def rows(self) -> int:
        return len(self._hashes) // _HASH

    @property
    def labelled(self) -> bool:
        return bool(self.images.any())

    @property
    def hashes(self) -> np.ndarray:
        """(rows,) bytes, equal if the images are."""
        return np.frombuffer(self._hashes, f"S{_HASH}")

    @property
    def ink(self) -> float:
        """The mean of all pixels, ink being 1."""
        return self._sum / (self.rows * _FULL)

    @property
    def ink_shares(self) -> np.ndarray:
        """(100,) float64: the share of the images in each bin of ink."""
        return np.append(self._bins[:-2], self._bins[-2:].sum()) / self.rows

    @property
    def mean_images(self) -> np.ndarray:
        """(10, 28, 28) float64 in [0, 1]: the mean image of each digit; 0 if there are none."""
        return (self._digit_sums / (255 * np.maximum(self.images, 1)[:, None])).reshape(CLASSES, SIDE, SIDE)


def repeated_rows(tallies: Mapping[Subset, Tally]) -> dict[str, np.ndarray]:
    """Return the rows of `train`, from 0, whose image is repeated, by the kind of the repeat.

    duplicates: also in an earlier row of `train`; in_validation, in_test: in any row of that subset.
    """
    hashes = tallies["train"].hashes
    is_first = np.zeros(len(hashes), bool)
    is_first[np.unique(hashes, return_index=True)[1]] = True
    found = {f"in_{subset}": np.isin(hashes, tallies[subset].hashes) for subset in ("validation", "test")}
    return {kind: np.flatnonzero(repeated) for kind, repeated in {"duplicates": ~is_first, **found}.items()}


def sample_rows(hashes: np.ndarray, labels: np.ndarray, n: int) -> list[np.ndarray]:
    """Return rows of up to n different images of each digit, given (rows,) hashes and (rows,) uint8 labels.

    The images with the smallest hashes: as good as drawn at random, and few change if some rows are added or removed.
    """
    of_digits = (np.flatnonzero(labels == digit) for digit in range(CLASSES))
    return [rows[np.unique(hashes[rows], return_index=True)[1][:n]] for rows in of_digits]
