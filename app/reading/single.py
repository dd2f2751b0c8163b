"""The one digit in a picture, found without a network: for pictures to learn from."""

import numpy as np

from app.reading.layouts import candidates
from app.reading.mnist_form import mnist_form
from app.reading.surfaces import surfaces
from stages.artifacts.errors import PipelineError


def single_digit(picture: np.ndarray) -> np.ndarray:
    """Return (28, 28) uint8, ink = 255, of the digit in an upright (h, w, 3) uint8 picture.

    Raises PipelineError if the picture is blank, or holds several digits.
    """
    found = [next(candidates(surface.image), None) for surface in surfaces(picture)]
    counts = [len(candidate.layout.digits) for candidate in found if candidate]
    if not counts:
        raise PipelineError("no ink: the picture is blank")
    if 1 not in counts:
        raise PipelineError(f"expected one digit, found {counts[-1]}: cut each out")
    return mnist_form(next(c.layout.digits[0] for c in found if c and len(c.layout.digits) == 1))
