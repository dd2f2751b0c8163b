"""Readers with a fixed answer, for the page's server."""

import time
from types import SimpleNamespace
from typing import Any

import numpy as np

from stages.artifacts.errors import PipelineError


def reading(number: str = "7", doubt: str | None = None) -> Any:
    """Return a reading of 200x100 pixels: its digits are 20 wide and 40 high, at 30, 60, ... from the left."""
    digits = [
        SimpleNamespace(
            box=(30 * (i + 1), 10, 20, 40),
            digit=int(character),
            probability=0.9,
            probabilities=np.roll(np.array([0.9, 0.1, *[0] * 8], np.float32), int(character)),
            pixels=np.full((28, 28), i, np.uint8),
        )
        for i, character in enumerate(number.replace(" ", ""))
    ]
    probability = 0.9 ** len(digits)
    return SimpleNamespace(digits=digits, number=number, probability=probability, doubt=doubt, size=(200, 100))


class FakeReader:
    """Gives each picture the same reading, after some seconds; None: no digit is found."""

    def __init__(self, answer: Any, seconds: float = 0):
        self.pictures: list[np.ndarray] = []
        self._answer = answer
        self._seconds = seconds

    def read(self, picture: np.ndarray) -> Any:
        self.pictures.append(picture)
        time.sleep(self._seconds)
        if self._answer is None:
            raise PipelineError("no digit found")
        return self._answer
