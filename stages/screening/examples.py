"""What the network that screens learns from: digits as they are, redrawn and drawn, and as many non-digits."""

import joblib
import numpy as np

from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from stages.screening import non_digits
from stages.screening.classes import DIGIT, NON_DIGIT
from stages.screening.drawn_digits import draw_digit
from stages.screening.pen import enlarged, redrawn

_REDRAWN, _DRAWN = 0.18, 0.1  # shares of the digits; the rest are as they are
_CHUNK = 500  # images that a process draws in one go, from a separate seed
_SOURCES = 1000  # digits that a chunk of non-digits is made from: little to send to a process
_TOO_FEW = 4  # chunks, for which starting processes takes longer than drawing


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
    drawn, again = (round(share * len(digits.images)) for share in (_DRAWN, _REDRAWN))
    kept, others, _ = np.split(digits.images, [len(digits.images) - drawn - again, len(digits.images) - drawn])
    calls = [
        *(joblib.delayed(_redraw)(others[rows], [seed, 0, rows.start]) for rows in _chunks(again)),
        *(joblib.delayed(_draw)(rows.stop - rows.start, [seed, 1, rows.start]) for rows in _chunks(drawn)),
        *(
            joblib.delayed(_make_up)(rows.stop - rows.start, _some(digits, rows.start), [seed, 2, rows.start])
            for rows in _chunks(count)
        ),
    ]
    made = joblib.Parallel(1 if len(calls) <= _TOO_FEW else -1)(calls)
    images = np.concatenate([kept, *made])
    labels = np.full(len(images), DIGIT, np.uint8)
    labels[len(images) - count :] = NON_DIGIT
    order = np.random.RandomState(seed).permutation(len(images))
    return Digits(images[order].astype(np.float32) / 255, labels[order])


def _chunks(count: int) -> list[slice]:
    """Return the rows from 0 to `count`, as many at a time as one process draws in one go."""
    return [slice(start, min(start + _CHUNK, count)) for start in range(0, count, _CHUNK)]


def _some(digits: Digits, start: int) -> Digits:
    """Return up to a thousand digits from row `start` on, or from the beginning again."""
    first = start % len(digits.images)
    return Digits(digits.images[first : first + _SOURCES], digits.labels[first : first + _SOURCES])


def _redraw(images: np.ndarray, seed: list[int]) -> np.ndarray:
    random = np.random.RandomState(seed)
    found = [redrawn(enlarged(image), random) for image in images]
    return np.stack([image if other is None else other for image, other in zip(images, found, strict=True)])


def _draw(count: int, seed: list[int]) -> np.ndarray:
    random = np.random.RandomState(seed)
    drawn = (redrawn(draw_digit(random), random) for _ in range(count))
    return np.stack([image for image in drawn if image is not None])


def _make_up(count: int, digits: Digits, seed: list[int]) -> np.ndarray:
    return non_digits.make_all(count, digits, np.random.RandomState(seed))
