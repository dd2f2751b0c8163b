"""What the network that screens learns from: digits as they are, redrawn and drawn, and as many non-digits."""

import functools
from collections.abc import Callable

import joblib
import numpy as np

from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from stages.screening import non_digits
from stages.screening.drawn_digits import draw_digit
from stages.screening.pen import enlarged, redrawn

NON_DIGIT, DIGIT = 0, 1

_REDRAWN, _DRAWN = 0.18, 0.1  # shares of the digits; the rest are as they are
_CHUNK = 500  # images that are drawn in one go, from a seed of their own


def sample(digits: Digits, count: int, seed: int) -> Digits:
    """Return `count` random rows, (count, 28, 28) uint8 and their labels; each several times if there are fewer.

    Rows without ink are left out. Raises PipelineError if there are no others.
    """
    rows = len(digits.images)
    order = np.random.RandomState(seed).permutation(max(rows, count))[:count] % rows
    unique, places = np.unique(order, return_inverse=True)  # which reads the file from front to back
    images = np.rint(digits.images[unique] * 255).astype(np.uint8)[places]
    inked = images.max(axis=(1, 2)) > 127
    if not inked.any():
        raise PipelineError("the training images have no ink: see metrics/data.json, and check data.train_csv")
    return Digits(images[inked], digits.labels[order][inked])


def examples(digits: Digits, count: int, seed: int) -> Digits:
    """Return the digits in (m, 28, 28) uint8 images and `count` non-digits, shuffled, labelled 1 and 0.

    (n, 28, 28) float32 in [0, 1] and (n,) uint8. The same bytes for the same arguments on any number of cores.
    """
    as_they_are = len(digits.images) - round((_REDRAWN + _DRAWN) * len(digits.images))
    drawn = round(_DRAWN * len(digits.images))
    again = digits.images[as_they_are : len(digits.images) - drawn]
    parts = [
        digits.images[:as_they_are],
        _in_chunks(functools.partial(_redraw, again), len(again), seed),
        _in_chunks(_draw, drawn, seed + 1),
    ]
    positives = np.concatenate(parts)
    negatives = _in_chunks(functools.partial(_make_non_digits, _few(digits)), count, seed + 2)
    images = np.concatenate([positives, negatives])
    labels = np.repeat(np.array([DIGIT, NON_DIGIT], np.uint8), [len(positives), len(negatives)])
    order = np.random.RandomState(seed).permutation(len(images))
    return Digits(images[order].astype(np.float32) / 255, labels[order])


def _few(digits: Digits) -> Digits:
    return Digits(digits.images[:5000], digits.labels[:5000])


def _in_chunks(make: Callable[[range, np.random.RandomState], np.ndarray], count: int, seed: int) -> np.ndarray:
    """Return (count, 28, 28) uint8: make(rows, random) of each chunk of rows, on all cores."""
    starts = range(0, count, _CHUNK)
    calls = [
        joblib.delayed(make)(range(start, min(start + _CHUNK, count)), np.random.RandomState([seed, start]))
        for start in starts
    ]
    made = joblib.Parallel(-1 if len(calls) > 2 else 1)(calls)
    return np.concatenate([np.empty((0, 28, 28), np.uint8), *made])


def _redraw(images: np.ndarray, rows: range, random: np.random.RandomState) -> np.ndarray:
    found = [redrawn(enlarged(images[row]), random) for row in rows]
    return np.stack([images[row] if image is None else image for row, image in zip(rows, found, strict=True)])


def _draw(rows: range, random: np.random.RandomState) -> np.ndarray:
    drawn = (redrawn(draw_digit(random), random) for _ in rows)
    return np.stack([image for image in drawn if image is not None])


def _make_non_digits(digits: Digits, rows: range, random: np.random.RandomState) -> np.ndarray:
    return non_digits.make_all(len(rows), digits, random)
