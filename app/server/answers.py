"""What the API takes and answers, as the models that its OpenAPI schema is made from."""

import base64
import io

import numpy as np
from PIL import Image
from pydantic import BaseModel, Field

from app.reading.marks import Box
from app.reading.reader import Digit, Reading

_PLACES = 6  # decimal places of a probability


class DigitAnswer(BaseModel):
    """One digit of a picture."""

    box: Box = Field(description="left, top, width and height, in pixels of the upright picture")
    digit: int = Field(ge=0, le=9)
    probability: float
    probabilities: list[float] = Field(min_length=10, max_length=10)
    pixels: str = Field(description="the 28x28 pixels that the network saw: the data URL of a PNG")


class Answer(BaseModel):
    """All digits of a picture, read as a number."""

    number: str = Field(description="the digits from left to right, a blank between lines; empty if there are none")
    probability: float = Field(description="that every digit is right")
    doubt: str | None = Field(description="why the number is uncertain")
    size: tuple[int, int] = Field(description="width and height of the upright picture, in pixels")
    digits: list[DigitAnswer] = Field(description="in the order of the number")


class Question(BaseModel):
    """A picture that is sent as JSON."""

    image: str = Field(description="the base64 data URL of a picture")


class Correction(Question):
    """A picture and the digit that it shows."""

    digit: int = Field(ge=0, le=9)
    box: Box | None = Field(None, description="where in the picture; without it, the whole picture is kept")


class Kept(BaseModel):
    """Where a correction is."""

    path: str = Field(description="relative to the folder of --keep")


class Health(BaseModel):
    """That the server is up, and what it does."""

    status: str = "ok"
    model: str
    keep: bool = Field(description="whether /keep takes corrections")
    most_bytes: int = Field(description="of a picture")


class Failure(BaseModel):
    """Why there is no answer."""

    detail: str


def without_digits(why: str, picture: np.ndarray) -> Answer:
    """Return the answer to a picture, (h, w, 3), in which no digit was found."""
    height, width = picture.shape[:2]
    return Answer(number="", probability=0, doubt=why, size=(width, height), digits=[])


def answer(reading: Reading) -> Answer:
    return Answer(
        number=reading.number,
        probability=round(reading.probability, _PLACES),
        doubt=reading.doubt,
        size=reading.size,
        digits=[_digit_answer(digit) for digit in reading.digits],
    )


def _digit_answer(digit: Digit) -> DigitAnswer:
    left, top, width, height = map(int, digit.box)
    return DigitAnswer(
        box=(left, top, width, height),
        digit=digit.digit,
        probability=round(digit.probability, _PLACES),
        probabilities=[round(float(probability), _PLACES) for probability in digit.probabilities],
        pixels=png_url(digit.pixels),
    )


def png_url(pixels: np.ndarray) -> str:
    """Return (h, w) or (h, w, 3) uint8 pixels as the data URL of a PNG."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
