"""Paths of the artifacts that several modules use, relative to the repository's root; dvc.yaml has them too.

A path that only one module uses is in that module, and a user's own CSVs are in params.yaml.
"""

from pathlib import Path
from typing import Literal

ModelName = Literal["mlp", "cnn"]

MNIST = Path("data/mnist")
MNIST_TRAIN_CSV = MNIST / "train.csv"
MNIST_TEST_CSV = MNIST / "test.csv"


def keras_model(model: str) -> Path:
    return Path(f"models/{model}.keras")


NO_TEACHER = keras_model("none")


def onnx_model(model: str) -> Path:
    return Path(f"models/{model}.onnx")


SCREEN = onnx_model("screen")  # tells digits from anything else


def metrics(model: str) -> Path:
    return Path(f"metrics/{model}.json")


def plots(model: str) -> Path:
    return Path(f"plots/{model}")


DATA_METRICS, DATA_PLOTS = metrics("data"), plots("data")  # of the data, not of a network
