import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from app.ink import to_pixels
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import normalise
from stages.artifacts.paths import onnx_model
from stages.inference.classifier import OnnxClassifier
from stages.ingest.kaggle_csv import Table
from tests.helpers.workspace import ROOT


def stroke(width: int = 200, height: int = 300) -> np.ndarray:
    """(h, w) uint8: an L of ink, 255, on 0, off the centre."""
    ink = np.zeros((height, width), np.uint8)
    ink[30:230, 40:60] = 255
    ink[210:230, 40:140] = 255
    return ink


def test_ink_is_sized_and_centred_as_mnists():
    pixels = to_pixels(Image.fromarray(stroke()))
    assert pixels.shape == (28, 28)
    assert pixels.dtype == np.uint8
    assert pixels.max() == 255
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    assert np.ptp(rows) + 1 == 20
    assert np.ptp(columns) + 1 == 10
    for axis in (0, 1):
        mass = pixels.sum(axis=1 - axis, dtype=float)
        assert 13.5 <= (np.arange(28) * mass).sum() / mass.sum() <= 14.5


def test_what_mnist_has_already_stays(digits: Table):
    once = np.stack([to_pixels(Image.fromarray(image.reshape(28, 28))) for image in digits.pixels[:50]])
    again = np.stack([to_pixels(Image.fromarray(image)) for image in once])
    assert np.abs(again.astype(int) - once).mean() < 1


def with_alpha(ink: np.ndarray, colour: int) -> Image.Image:
    return Image.fromarray(np.dstack([np.full((*ink.shape, 3), colour, np.uint8), ink]))


WAYS = {
    "dark on light": lambda ink: Image.fromarray(255 - ink),
    "grey on grey": lambda ink: Image.fromarray(100 + ink // 3),
    "colour": lambda ink: Image.fromarray(np.dstack([255 - ink, 255 - ink // 2, 255 - ink // 3])),
    "black on transparent": lambda ink: with_alpha(ink, 0),
    "white on transparent": lambda ink: with_alpha(ink, 255),
    "palette": lambda ink: Image.fromarray(ink).convert("P"),
    "two colours": lambda ink: Image.fromarray(ink).convert("1"),
    "16 bits": lambda ink: Image.fromarray(ink.astype(np.uint16) * 257),
    "floats": lambda ink: Image.fromarray(ink.astype(np.float32) / 255),
    "large": lambda ink: Image.fromarray(ink).resize((1600, 2400), Image.Resampling.NEAREST),
    "framed": lambda ink: Image.fromarray(np.pad(ink, ((300, 10), (10, 200)))),
    "noisy": lambda ink: Image.fromarray(
        np.clip(ink + np.random.RandomState(0).normal(20, 3, ink.shape), 0, 255).astype(np.uint8)
    ),
    "uneven light": lambda ink: Image.fromarray(
        (np.linspace(120, 240, ink.shape[1]) * (1 - 0.7 / 255 * ink)).astype(np.uint8)
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_the_same_digit_however_it_was_drawn(way):
    expected = to_pixels(Image.fromarray(stroke())).astype(int)
    assert np.abs(to_pixels(way(stroke())) - expected).mean() < 6


def test_broad_ink_that_runs_to_the_edge_is_whole():
    ink = np.zeros((200, 200), np.uint8)
    ink[20:180, :70] = 255
    ink[120:180, :150] = 255
    framed = to_pixels(Image.fromarray(255 - np.pad(ink, 40))).astype(int)
    assert np.abs(to_pixels(Image.fromarray(255 - ink)) - framed).mean() < 6


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_blank_image_is_an_error(shade: int):
    noise = np.random.RandomState(0).randint(-2, 3, (100, 100))
    for image in (np.full((100, 100), shade), np.clip(shade + noise, 0, 255), np.full((1, 1), shade)):
        with pytest.raises(PipelineError, match="blank"):
            to_pixels(Image.fromarray(image.astype(np.uint8)))


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / onnx_model("cnn")).is_file(), reason="no trained network: run dvc repro")
@pytest.mark.parametrize("inverted", [False, True])
def test_digits_that_are_not_mnists_are_recognised(inverted: bool):
    source = load_digits()
    small = (source.images * 255 / 16).astype(np.uint8)
    drawn = [np.pad(np.asarray(Image.fromarray(image).resize((160, 160))), ((60, 20), (10, 70))) for image in small]
    pixels = np.stack([to_pixels(Image.fromarray(255 - image if inverted else image)) for image in drawn])
    predicted = OnnxClassifier(ROOT / onnx_model("cnn"), threads=2).predict(normalise(pixels)).argmax(axis=1)
    assert (predicted == source.target).mean() >= 0.95
