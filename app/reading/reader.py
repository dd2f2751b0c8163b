"""The digits in a picture, read as one number.

Two networks look at each digit: one tells which it is, the other whether it is one at all.
"""

import heapq
import itertools
import math
import sys
from collections.abc import Iterator
from typing import NamedTuple, Self

import numpy as np

from app.reading.digits import Layout
from app.reading.layouts import candidates
from app.reading.marks import Box, Mark
from app.reading.mnist_form import mnist_form
from app.reading.surfaces import Surface, surfaces
from app.reading.touching import cut, is_wide
from stages.artifacts import paths
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import normalise
from stages.artifacts.paths import ModelName
from stages.inference.classifier import OnnxClassifier
from stages.screening.classes import CLASSES, DIGIT, LEAST

SURE = 0.5  # the least probability at which a digit is believed
_COMPANY = 2  # clear digits beside one make up for its looks
_LEAST_IN_COMPANY = 0.1  # the least likeness of such a one
_CLEAR = 0.9  # the least likeness and probability of each digit in ink that is cut
_LEAST_SHARE = 0.5  # of the height of the other ink: smaller is a gap between strokes
_SHEET = 0.15  # of the picture: a surface so large is what the picture is of
_SOLID = 0.8  # of the hull of a mark: more is a sheet on a desk, and the ink on it is of the other polarity
_HOPELESS = 0.2  # a likeness below which ink of the other polarity is looked for, too


class Digit(NamedTuple):
    """One digit of a picture."""

    box: Box  # in pixels of the upright picture
    pixels: np.ndarray  # (28, 28) uint8, ink = 255: what the networks saw
    probabilities: np.ndarray  # (10,) float32
    likeness: float  # the probability that it is a digit; 99 % of MNIST's have LEAST or more

    @property
    def digit(self) -> int:
        return int(self.probabilities.argmax())

    @property
    def probability(self) -> float:
        return float(self.probabilities.max())

    @property
    def certainty(self) -> float:
        """The probability that it is a digit, and this one."""
        return self.likeness * self.probability

    def doubt(self, least: float = LEAST) -> str | None:
        """Return why the digit is not to be believed, if its likeness has to be `least`."""
        if self.likeness < least:
            return "no digit found: what is written does not look like one"
        if self.probability < SURE:
            first, second = np.argsort(-self.probabilities, kind="stable")[:2]
            return f"unsure: {first} or {second}"
        return None


class Reading(NamedTuple):
    """All digits of a picture."""

    lines: list[list[Digit]]  # from top to bottom, each from left to right; no line is empty
    size: tuple[int, int]  # width, height of the upright picture
    sign: str | None  # what is written beside the digits and is none, such as "a minus"

    @property
    def digits(self) -> list[Digit]:
        return [digit for line in self.lines for digit in line]

    @property
    def clear(self) -> int:
        """How many digits are to be believed."""
        return sum(digit.doubt() is None for digit in self.digits)

    @property
    def number(self) -> str:
        """The digits, with a blank between lines."""
        return self._written([digit.digit for digit in self.digits])

    @property
    def probability(self) -> float:
        """The probability that each digit is right."""
        return math.prod(digit.probability for digit in self.digits)

    @property
    def doubt(self) -> str | None:
        """Why the number is not to be believed, such as "unsure: 4 or 9"."""
        if self.sign:
            return f"not a digit: {self.sign} beside {self.number}"
        unlike = sum(digit.likeness < LEAST for digit in self.digits)
        least = _LEAST_IN_COMPANY if len(self.digits) - unlike >= _COMPANY * unlike else LEAST
        return next((doubt for digit in self.digits if (doubt := digit.doubt(least))), None)

    def require_sure(self, single: bool = False) -> Self:
        """Return the reading. Raises PipelineError if it is in doubt or, with `single`, if it is not of one digit."""
        if self.doubt:
            raise PipelineError(self.doubt)
        if single and len(self.digits) > 1:
            raise PipelineError(f"expected one digit, found {len(self.digits)}: {self.number}")
        return self

    def most_likely(self, count: int) -> list[tuple[str, float]]:
        """Return the most likely numbers with their probabilities, the most likely first."""
        found: list[tuple[float, tuple[int, ...]]] = [(1.0, ())]
        for digit in self.digits:
            choices = itertools.product(found, enumerate(digit.probabilities.tolist()))
            found = heapq.nsmallest(
                count, ((p * q, (*before, d)) for (p, before), (d, q) in choices), key=lambda x: -x[0]
            )
        return [(self._written(digits), probability) for probability, digits in found]

    def _written(self, digits: list[int] | tuple[int, ...]) -> str:
        rest = iter(digits)
        return " ".join("".join(str(next(rest)) for _ in line) for line in self.lines)


class Reader:
    """Reads numbers in pictures; several threads may use one."""

    def __init__(self, classifier: OnnxClassifier, screen: OnnxClassifier | None):
        """Without a screen, what the classifier is sure of is taken for a digit."""
        self._classifier = classifier
        self._screen = screen

    def read(self, picture: np.ndarray) -> Reading:
        """Read an upright (h, w, 3) uint8 picture: on the first of its surfaces where all ink is digits.

        Raises PipelineError if there is no ink at all.
        """
        readings: list[Reading] = []
        for surface in surfaces(picture):
            of_surface: list[Reading] = []
            for reading in self._readings(surface, picture.shape[1::-1]):
                if reading.doubt is None and len(reading.digits) >= max((r.clear for r in of_surface), default=0):
                    return reading
                of_surface.append(reading)
            readings += of_surface
            if not of_surface and surface.is_part and surface.share(picture) > _SHEET:
                break  # a blank sheet: what is around it was not written on it
        if not readings:
            raise PipelineError("no digit found: the picture is blank, or has nothing like a digit")
        return max(readings, key=lambda reading: min(digit.likeness for digit in reading.digits))

    def _readings(self, surface: Surface, size: tuple[int, int]) -> Iterator[Reading]:
        """Yield what may be read on a surface: if none of it looks like a digit, ink of the other polarity, too."""
        tallest, best = 0, 0.0
        for candidate in candidates(surface.image):
            digits = candidate.layout.digits
            if candidate.expected:
                tallest = max([tallest, *(mark.height for mark in digits if mark.solidity < _SOLID)])
            elif surface.is_part or best >= _HOPELESS or max(m.height for m in digits) < _LEAST_SHARE * tallest:
                return
            reading = self._classify(candidate.layout, surface, size)
            best = max(best, *(digit.likeness for digit in reading.digits))
            yield reading

    def _classify(self, layout: Layout, surface: Surface, size: tuple[int, int]) -> Reading:
        lines = [self._read_line(line) for line in layout.lines]
        return Reading(
            [[digit._replace(box=surface.box(digit.box)) for digit in line] for line in lines], size, layout.sign
        )

    def _read_line(self, marks: list[Mark]) -> list[Digit]:
        """Return the digits of a line; of a wide mark that is not one, those that touch each other in it."""
        found: list[Digit] = []
        for mark, digit in zip(marks, self._look(marks), strict=True):
            parts = cut(mark, self._scores) if digit.likeness < LEAST and is_wide(mark) else []
            digits = self._look(parts) if len(parts) > 1 else []
            is_clear = bool(digits) and min(part.certainty for part in digits) > _CLEAR
            found += digits if is_clear else [digit]
        return found

    def _scores(self, marks: list[Mark]) -> list[float]:
        return [digit.certainty for digit in self._look(marks)]

    def _look(self, marks: list[Mark]) -> list[Digit]:
        """Return what the networks say of each mark, in the surface's pixels."""
        pixels = [mnist_form(mark) for mark in marks]
        images = normalise(np.stack(pixels))
        digits = self._classifier.predict(images)
        likeness = self._screen.predict(images)[:, DIGIT] if self._screen else digits.max(axis=1)
        return [Digit(mark.box, *seen) for mark, *seen in zip(marks, pixels, digits, likeness.tolist(), strict=True)]


def load_reader(model: ModelName, threads: int = 1) -> Reader:
    """Return a reader with networks of models/. Raises PipelineError if one is damaged, or the classifier missing.

    If the screen is missing, as where one model was trained or pulled, a line on stderr says so.
    """
    classifier = OnnxClassifier(paths.onnx_model(model), threads)
    if paths.SCREEN.exists():
        return Reader(classifier, OnnxClassifier(paths.SCREEN, threads, classes=CLASSES))
    print(
        f"warning: {paths.SCREEN} is missing, so letters may be read as digits: run dvc repro screen (or dvc pull)",
        file=sys.stderr,
    )
    return Reader(classifier, None)
