"""The random choices behind one picture: its parameters and the digits of MNIST's test rows that are written in it.

There are two halves, to tune on one and report on the other. They share no row (even, odd), no seed, and no value of a
parameter: a range is divided into strata, of which each half draws from every other one.
"""

import zlib
from typing import Literal, NamedTuple, TypeVar

import numpy as np

from stages.artifacts.arrays import Digits, load
from stages.artifacts.errors import PipelineError

Half = Literal["tune", "report"]

T = TypeVar("T")

_STRATA = 16


class Sample(NamedTuple):
    """One digit that somebody wrote."""

    pixels: np.ndarray  # (28, 28) float32 in [0, 1], ink = 1
    label: int


def read_rows(half: Half) -> Digits:
    """Return the half's rows of the test CSV, as preprocess has prepared them. Raises PipelineError without labels."""
    test = load("test")
    if not len(test.labels):
        raise PipelineError("the test rows have no labels: set data.test_csv to MNIST's and run dvc repro preprocess")
    return half_of(test, half)


def half_of(digits: Digits, half: Half) -> Digits:
    start = int(half == "report")
    return Digits(digits.images[start::2], digits.labels[start::2])


class Draws:
    """Draws everything that one picture needs, and notes which digits it holds."""

    def __init__(self, rows: Digits, half: Half, kind: str, number: int):
        """`number` is that of the picture within its kind, from 0."""
        self._rows = rows
        self.odd = int(half == "report")
        self.random = np.random.default_rng([self.odd, zlib.crc32(kind.encode()), number])
        self.written: list[str] = []  # digits in the order of reading, and " " between lines

    def uniform(self, low: float, high: float) -> float:
        """Return a value of the half's strata of the range."""
        stratum = 2 * int(self.random.integers(_STRATA // 2)) + self.odd
        return low + (high - low) * (stratum + self.random.random()) / _STRATA

    def integer(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return int(self.random.integers(low, high + 1))

    def chance(self, probability: float) -> bool:
        return bool(self.random.random() < probability)

    def sign(self) -> int:
        return 1 if self.chance(0.5) else -1

    def choice(self, *options: T) -> T:
        return options[int(self.random.integers(len(options)))]

    def sample(self) -> Sample:
        """Return a digit of the half's rows, and note it."""
        row = int(self.random.integers(len(self._rows.labels)))
        label = int(self._rows.labels[row])
        self.written.append(str(label))
        return Sample(self._rows.images[row], label)
