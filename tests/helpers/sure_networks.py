"""Untrained networks: one is sure of the digits that `benchmarks.strokes` draws, the other refuses nothing, or all."""

from pathlib import Path

import numpy as np

from app.reading.reader import Reader
from app.reading.single import single_digit
from benchmarks.strokes import image
from stages.artifacts import paths
from stages.artifacts.images import normalise
from stages.inference.classifier import OnnxClassifier
from tests.helpers.onnx_model import make_model
from tests.helpers.written import as_picture


def classifier(sure: float = 400) -> bytes:
    """Return a model that gives an image the digit whose drawing it is most like; `sure` scales its logits."""
    drawings = normalise(np.stack([single_digit(as_picture(image(digit))) for digit in range(10)])).reshape(10, -1)
    weights = drawings / np.linalg.norm(drawings, axis=1, keepdims=True)
    return make_model(weight=(sure / 28 * weights.T).astype(np.float32))


def screen(passes: bool = True) -> bytes:
    """Return a model for which all ink is a digit, or none."""
    weights = np.zeros((784, 2), np.float32)
    weights[:, int(passes)] = 1
    return make_model(outputs=("probabilities", ["n", 2]), weight=weights)


def save_networks(folder: Path, passes: bool = True) -> None:
    """Save both where the commands look for them, the classifier as the cnn."""
    for path, content in {paths.onnx_model("cnn"): classifier(), paths.SCREEN: screen(passes)}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def sure_reader(folder: Path, passes: bool = True) -> Reader:
    save_networks(folder, passes)
    return Reader(
        OnnxClassifier(folder / paths.onnx_model("cnn"), threads=1), OnnxClassifier(folder / paths.SCREEN, 1, classes=2)
    )
