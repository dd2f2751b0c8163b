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
    several = 0
    for surface in surfaces(picture):
        for candidate in candidates(surface.image):
            digits = candidate.layout.digits
            if len(digits) == 1:
                return mnist_form(digits[0])
            several = several or len(digits)
    if several:
        raise PipelineError(f"expected one digit, found {several}: cut each out")
    raise PipelineError("no ink: the picture is blank")
