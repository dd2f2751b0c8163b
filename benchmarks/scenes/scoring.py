"""What a reader makes of the kinds: right, refused, wrong, and wrong at 90 % or more."""

import io
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from PIL import Image

from app.reading.pictures import read_pages
from benchmarks.scenes.draws import Draws, Half
from benchmarks.scenes.kinds import Kind
from benchmarks.scenes.photo import encode, jpeg
from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError

SURE = 0.9  # the probability from which a wrong number is one that nobody checks


class Scene(NamedTuple):
    """A file, and the number in it."""

    content: bytes
    number: str | None  # None: nothing that is a number


class Answer(Protocol):
    """What `app.reading.reader.Reading` has."""

    @property
    def number(self) -> str: ...
    @property
    def probability(self) -> float: ...
    @property
    def doubt(self) -> str | None: ...


class Reads(Protocol):
    def read(self, picture: np.ndarray) -> Answer: ...


class Score(NamedTuple):
    """Counts of pictures of one kind."""

    right: int
    refused: int
    wrong: int
    sure: int  # of the wrong ones, those with a probability of SURE or more

    @property
    def total(self) -> int:
        return self.right + self.refused + self.wrong


def paint(kind: Kind, half: Half, rows: Digits, number: int) -> Scene:
    """Return one picture of the kind, as a PNG or a JPEG if the kind does not decide."""
    draws = Draws(rows, half, kind.name, number)
    picture = kind.paint(draws)
    text = "".join(draws.written) if kind.holds_digits else None
    if isinstance(picture, Image.Image):
        picture = jpeg(picture, draws.integer(70, 95)) if draws.chance(0.6) else encode(picture, "PNG")
    return Scene(picture, text)


def paint_all(kind: Kind, half: Half, rows: Digits, count: int) -> Iterator[Scene]:
    for number in range(count):
        yield paint(kind, half, rows, number)


def answer(content: bytes, reader: Reads) -> tuple[str, float] | None:
    """Return the number of a file's first page and its probability, or None if the reader refuses."""
    try:
        reading = reader.read(next(read_pages(io.BytesIO(content))))
    except PipelineError:
        return None
    return None if reading.doubt is not None else (reading.number, reading.probability)


def score(scenes: Iterator[Scene], reader: Reads) -> Score:
    right = refused = wrong = sure = 0
    for scene in scenes:
        found = answer(scene.content, reader)
        if found is None:
            refused += 1
        elif found[0] == scene.number:
            right += 1
        else:
            wrong += 1
            sure += found[1] >= SURE
    return Score(right, refused, wrong, sure)
