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
    first = ((surface, next(candidates(surface.image), None)) for surface in surfaces(picture))
    found = [c.layout.digits for surface, c in first if c and (c.expected or not surface.is_part)]
    if not found:
        raise PipelineError("no ink: the picture is blank")
    if all(len(digits) > 1 for digits in found):
        raise PipelineError(f"expected one digit, found {len(found[-1])}: cut each out")
    return mnist_form(next(digits[0] for digits in found if len(digits) == 1))
