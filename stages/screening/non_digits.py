"""Made-up images of what is not a digit, in MNIST's form. None is a plain upright bar: that is a 1."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from stages.artifacts.arrays import Digits
from stages.artifacts.images import SIDE
from stages.screening import altered_digits, scrawls, surfaces
from stages.screening.mnist_form import form
from stages.screening.pen import redrawn

Random = np.random.RandomState


class Kind(NamedTuple):
    """How a kind of non-digit is made, and its share of all."""

    make: Callable[[Digits, Random], np.ndarray | None]  # (h, w) uint8 ink; None: it would look like a digit
    share: float


def _drawn(make: Callable[[Random], np.ndarray | None]) -> Callable[[Digits, Random], np.ndarray | None]:
    return lambda digits, random: make(random)


KINDS = {
    "letter": Kind(_drawn(scrawls.letter), 0.15),
    "glyph": Kind(_drawn(scrawls.glyph), 0.2),
    "scribble": Kind(_drawn(scrawls.scribble), 0.2),
    "mark": Kind(_drawn(scrawls.mark), 0.04),
    "piece": Kind(altered_digits.piece, 0.14),
    "turned": Kind(altered_digits.turned, 0.1),
    "pair": Kind(altered_digits.pair, 0.04),
    "enclosed": Kind(altered_digits.enclosed, 0.02),
    "texture": Kind(_drawn(surfaces.texture), 0.04),
    "solid": Kind(_drawn(surfaces.solid), 0.07),
}

_TRIES = 50
_REDRAWN = 0.5  # share of those that another pen and camera show
_SLIM = 0.1  # a stroke's variance across its length, as a share of that along it
_UPRIGHT = 0.7  # its variance from top to bottom, as a share of that from left to right
_Y, _X = np.mgrid[:SIDE, :SIDE].astype(np.float64)


def make(kind: str, digits: Digits, random: Random) -> np.ndarray:
    """Return one (28, 28) uint8 image of a kind. digits: (n, 28, 28) uint8 images that some kinds are made from.

    If these do not allow it, as no 0 can be turned into anything else, a letter.
    """
    for _ in range(_TRIES):
        ink = KINDS[kind].make(digits, random)
        if ink is None:
            continue
        image = redrawn(ink, random) if random.uniform() < _REDRAWN else form(ink)
        if image is not None and not is_bar(image):
            return image
    return make("letter", digits, random)


def make_all(count: int, digits: Digits, random: Random) -> np.ndarray:
    """Return (count, 28, 28) uint8 images of all kinds, in their shares."""
    shares = [kind.share for kind in KINDS.values()]
    return np.stack([make(kind, digits, random) for kind in random.choice(list(KINDS), count, p=shares)])


def is_bar(image: np.ndarray) -> bool:
    """Return whether the ink of a (28, 28) image is one plain stroke, and upright rather than flat."""
    ink = image / image.sum(dtype=np.float64)
    y, x = _Y - (ink * _Y).sum(), _X - (ink * _X).sum()
    xx, yy, xy = (ink * x * x).sum(), (ink * y * y).sum(), (ink * x * y).sum()
    spread = np.sqrt((xx - yy) ** 2 + 4 * xy**2)  # between the variances along the stroke and across it
    return bool(xx + yy - spread < _SLIM * (xx + yy + spread) and yy > _UPRIGHT * xx)
