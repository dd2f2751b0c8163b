"""Which training rows are held out for validation: drawn at random, each digit with the same share."""

import math

import numpy as np

from stages.artifacts.errors import PipelineError
from stages.artifacts.images import CLASSES


def draw_validation_rows(counts: np.ndarray, validation: float, seed: int) -> list[np.ndarray]:
    """Return for each digit (count,) bool: which of its rows, in the order of the file, are held out.

    counts: (10,) rows of each digit. The rows are those that scikit-learn's train_test_split(stratify=labels) draws;
    it would need all labels, and 80 bytes a row. Raises PipelineError where there are too few rows.
    """
    n = counts.sum()
    n_validation = math.ceil(validation * n)
    if counts.min() < 2 or not CLASSES <= n_validation <= n - CLASSES:
        raise PipelineError(
            f"data.train_csv: {n} rows are too few to hold out {validation:g} of them (split.validation in "
            f"params.yaml): either part needs {CLASSES} rows or more, and each digit 2"
        )
    random = np.random.RandomState(seed)
    n_train = _share_out(n - n_validation, counts, random)
    _share_out(n_validation, counts - n_train, random)  # scikit-learn draws here, too
    held_out = [np.zeros(count, bool) for count in counts]
    for rows, first in zip(held_out, n_train, strict=True):
        rows[random.permutation(np.arange(len(rows), dtype=np.int32))[first:]] = True
    return held_out


def take_in_order(held_out: list[np.ndarray], seen: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return (n,) bool for the next (n,) labels of the file, and count them in `seen`, (10,) rows so far."""
    is_validation = np.empty(len(labels), bool)
    for digit, rows in enumerate(held_out):
        here = labels == digit
        first, seen[digit] = seen[digit], seen[digit] + here.sum()
        is_validation[here] = rows[first : seen[digit]]
    return is_validation


def _share_out(n: int, counts: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    """Divide n in proportion to the counts: rounded down, what is left to the largest remainders, ties by chance."""
    exact = counts / counts.sum() * n
    shares = np.floor(exact).astype(int)
    remainders = exact - shares
    for remainder in np.unique(remainders)[::-1]:
        left = n - shares.sum()
        if not left:
            break
        tied = np.flatnonzero(remainders == remainder)
        shares[random.choice(tied, min(left, len(tied)), replace=False)] += 1
    return shares
