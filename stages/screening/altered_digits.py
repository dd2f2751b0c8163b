"""Digits made into what is not a digit: cut, turned, run together, put in a circle or a box.

What looks like a digit all the same is left out: half an 8 is a 0, a 6 upside down a 9, a mirrored 2 nearly a 5.
"""

import numpy as np
from PIL import Image

from stages.artifacts.arrays import Digits
from stages.screening.pen import SIDE, ZOOM, arc, draw, enlarged

_HALVES_ARE_DIGITS = (6, 8, 9)  # their upper or lower half
_MIRRORED, _FLIPPED = 4, 5  # left and right, top and bottom swapped; other numbers are quarters of a turn
_TURNS: dict[int, tuple[int, ...]] = {
    1: (1, 3), 2: (1, 3), 3: (1, 2, 3, _MIRRORED), 4: (1, 2, 3, _MIRRORED, _FLIPPED), 5: (1, 3),
    6: (1, 3, _MIRRORED, _FLIPPED), 7: (1, 2, 3, _MIRRORED, _FLIPPED), 9: (1, 3, _MIRRORED, _FLIPPED),
}  # fmt: skip
_LEAST_KEPT, _MOST_KEPT = 0.15, 0.6  # share of a digit's ink that is left in a piece
_FAINTEST = 40  # of 255: less is no ink

Random = np.random.RandomState


def piece(digits: Digits, random: Random) -> np.ndarray | None:
    """Cut a digit along one line, or along two at a right angle. None if too much or too little is left."""
    image, label = _pick(digits, random)
    ink = enlarged(image)
    across = random.uniform(-1, 1, 2)
    across /= np.sqrt((across**2).sum())
    if label in _HALVES_ARE_DIGITS and abs(across[1]) > abs(across[0]):
        across = across[::-1]
    y, x = np.mgrid[: len(ink), : len(ink)] - len(ink) / 2
    kept = x * across[0] + y * across[1] > random.uniform(-9, 9)
    if random.uniform() < 0.3:
        kept &= y * across[0] - x * across[1] > random.uniform(-15, 5)
    left = np.where(kept, ink, 0).astype(np.uint8)
    return left if _LEAST_KEPT < left.sum() / ink.sum() < _MOST_KEPT else None


def turned(digits: Digits, random: Random) -> np.ndarray | None:
    """Turn or mirror a digit. None for a 0 and an 8."""
    image, label = _pick(digits, random)
    if label not in _TURNS:
        return None
    way = _TURNS[label][random.randint(len(_TURNS[label]))]
    if way == _MIRRORED:
        image = np.fliplr(image)
    elif way == _FLIPPED:
        image = np.flipud(image)
    else:
        image = np.rot90(image, way)
    return enlarged(np.ascontiguousarray(image))


def pair(digits: Digits, random: Random) -> np.ndarray:
    """Write a digit close to another, or into it."""
    first, second = (_cropped(_pick(digits, random)[0]) for _ in range(2))
    start = max(4, first.shape[1] + random.randint(-6, 3))
    both = np.zeros((len(first), max(first.shape[1], start + second.shape[1])), np.uint8)
    both[:, : first.shape[1]] = first
    room = both[:, start : start + second.shape[1]]
    np.maximum(room, second, out=room)
    size = both.shape[1] * ZOOM, both.shape[0] * ZOOM
    return np.asarray(Image.fromarray(both).resize(size, Image.Resampling.BICUBIC))


def enclosed(digits: Digits, random: Random) -> np.ndarray:
    """Draw a circle or a box around a digit, or around a stroke."""
    if random.uniform() < 0.6:
        around = arc(0.5, 0.5, random.uniform(0.4, 0.5), random.uniform(0.4, 0.5), 0, 360)
    else:
        around = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) + random.uniform(-0.05, 0.05, (5, 2))
    inner = _pick(digits, random)[0]
    if random.uniform() < 0.3:
        inner = draw([random.uniform(0, 1, (random.randint(2, 5), 2))], 8)
    side = random.randint(30, 62)
    small = np.asarray(Image.fromarray(inner).resize((side, side), Image.Resampling.BICUBIC))
    both = draw([around], random.randint(3, 9)).copy()
    top, left = (SIDE - side) // 2 + random.randint(-4, 5, 2)
    room = both[top : top + side, left : left + side]
    np.maximum(room, small, out=room)
    return both


def _pick(digits: Digits, random: Random) -> tuple[np.ndarray, int]:
    row = random.randint(len(digits.images))
    return digits.images[row], int(digits.labels[row])


def _cropped(image: np.ndarray) -> np.ndarray:
    """Return the columns of an image from its first to its last ink."""
    columns = np.flatnonzero(image.max(axis=0) > _FAINTEST)
    return image[:, columns[0] : columns[-1] + 1]
