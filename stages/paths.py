"""Where the artifacts lie, from the repository's root: the one place that spells a path beside dvc.yaml.

A user's own CSVs are not here: params.yaml names them.
"""

from pathlib import Path

MNIST = Path("data/mnist")
MNIST_TRAIN_CSV = MNIST / "train.csv"
MNIST_TEST_CSV = MNIST / "test.csv"

PREPARED = Path("data/prepared")
SUBMISSION = Path("data/submission.csv")


def keras_model(model: str) -> Path:
    return Path(f"models/{model}.keras")


def onnx_model(model: str) -> Path:
    return Path(f"models/{model}.onnx")


def metrics(model: str) -> Path:
    return Path(f"metrics/{model}.json")


def plots(model: str) -> Path:
    return Path(f"plots/{model}")
