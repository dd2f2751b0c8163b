import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.datasets import load_digits

from app.reading.pictures import read_pages
from app.reading.single import single_digit
from benchmarks.strokes import image as draw
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import normalise
from stages.artifacts.paths import onnx_model
from stages.inference.classifier import OnnxClassifier
from stages.ingest.kaggle_csv import Table
from tests.helpers.workspace import ROOT
from tests.helpers.written import as_picture, saved, sheet

INK = np.pad(255 - np.asarray(draw(5, 200)), ((0, 100), (0, 20)))  # (300, 220), ink = 255, off the centre


def digit_in(image: Image.Image) -> np.ndarray:
    """Return the digit in an image as in its file."""
    kind = "TIFF" if image.mode == "F" else "PNG"
    return single_digit(next(read_pages(io.BytesIO(saved(image, kind)))))


def with_alpha(ink: np.ndarray, colour: int) -> Image.Image:
    return Image.fromarray(np.dstack([np.full((*ink.shape, 3), colour, np.uint8), ink]))


WAYS = {
    "light on dark": lambda ink: Image.fromarray(ink),
    "grey on grey": lambda ink: Image.fromarray(100 + ink // 3),
    "colour": lambda ink: Image.fromarray(np.dstack([255 - ink, 255 - ink // 2, 255 - ink // 3])),
    "red on green": lambda ink: Image.fromarray(np.dstack([90 + ink // 3, 133 - ink // 6, np.full_like(ink, 90)])),
    "black on transparent": lambda ink: with_alpha(ink, 0),
    "white on transparent": lambda ink: with_alpha(ink, 255),
    "palette": lambda ink: Image.fromarray(ink).convert("P"),
    "two colours": lambda ink: Image.fromarray(ink).convert("1"),
    "CMYK": lambda ink: Image.fromarray(255 - ink).convert("RGB"),
    "16 bits": lambda ink: Image.fromarray(ink.astype(np.uint16) * 257),
    "floats": lambda ink: Image.fromarray(ink.astype(np.float32) / 255),
    "large": lambda ink: Image.fromarray(ink).resize((1600, 2400), Image.Resampling.NEAREST),
    "much paper": lambda ink: Image.fromarray(np.pad(ink, ((300, 10), (10, 200)))),
    "noisy": lambda ink: Image.fromarray(
        np.clip(ink + np.random.RandomState(0).normal(20, 3, ink.shape), 0, 255).astype(np.uint8)
    ),
    "uneven light": lambda ink: Image.fromarray(
        (np.linspace(120, 240, ink.shape[1]) * (1 - 0.7 / 255 * ink)).astype(np.uint8)
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_the_same_digit_however_it_was_drawn(way):
    expected = digit_in(Image.fromarray(255 - INK)).astype(int)
    assert np.abs(digit_in(way(INK)) - expected).mean() < 10


def test_what_is_in_mnists_form_stays(digits: Table):
    once = np.stack([digit_in(Image.fromarray(image.reshape(28, 28))) for image in digits.pixels[:50]])
    again = np.stack([digit_in(Image.fromarray(image)) for image in once])
    assert np.abs(again.astype(int) - once).mean() < 5


def test_ink_that_runs_to_the_edge_is_whole():
    cropped = 255 - np.asarray(draw(2, 200))[33:167, 42:158]  # to its own box
    framed = digit_in(Image.fromarray(255 - np.pad(cropped, 40))).astype(int)
    assert np.abs(digit_in(Image.fromarray(255 - cropped)) - framed).mean() < 8


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_blank_picture_is_an_error(shade: int):
    noise = np.random.RandomState(0).randint(-2, 3, (100, 100))
    for image in (np.full((100, 100), shade), np.clip(shade + noise, 0, 255), np.full((1, 1), shade)):
        with pytest.raises(PipelineError, match="blank"):
            digit_in(Image.fromarray(image.astype(np.uint8)))


@pytest.mark.parametrize("number", ["47", "33", "358", "472", "0123456789"])
def test_several_digits_are_an_error_that_counts_them(number: str):
    with pytest.raises(PipelineError, match=f"expected one digit, found {len(number)}: cut each out"):
        single_digit(as_picture(sheet(number)))


@settings(max_examples=60)
@given(st.integers(1, 90), st.integers(1, 90), st.binary(min_size=1, max_size=64))
def test_any_pixels_are_a_digit_or_an_error(width: int, height: int, values: bytes):
    picture = np.resize(np.frombuffer(values, np.uint8), (height, width, 3))
    try:
        pixels = single_digit(picture)
    except PipelineError:
        return
    assert pixels.shape == (28, 28)
    assert pixels.dtype == np.uint8
    assert pixels.max() == 255


@pytest.mark.parametrize("size", [(2, 1), (1, 2), (9, 9), (9, 70), (70, 9), (3000, 3), (3, 3000)])
def test_a_spot_on_a_sheet_of_any_shape_is_a_digit_or_an_error(size: tuple[int, int]):
    picture = np.full((*size, 3), 255, np.uint8)
    picture[: size[0] // 2 + 1, : size[1] // 2 + 1] = 0
    try:
        assert single_digit(picture).max() == 255
    except PipelineError as error:
        assert "digit" in str(error) or "no ink" in str(error)  # noqa: PT017


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / onnx_model("cnn")).is_file(), reason="no trained network: run dvc repro")
@pytest.mark.parametrize("inverted", [False, True])
def test_digits_that_are_not_mnists_are_recognised(inverted: bool):
    source = load_digits()
    small = (source.images * 255 / 16).astype(np.uint8)
    drawn = [np.pad(np.asarray(Image.fromarray(image).resize((160, 160))), ((60, 20), (10, 70))) for image in small]
    pixels = np.stack([digit_in(Image.fromarray(255 - image if inverted else image)) for image in drawn])
    predicted = OnnxClassifier(ROOT / onnx_model("cnn"), threads=2).predict(normalise(pixels)).argmax(axis=1)
    assert (predicted == source.target).mean() >= 0.94
