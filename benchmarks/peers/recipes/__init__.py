"""What the benchmark trains: recipes of others, and this project's with some of their params changed.

Importing this imports no machine-learning library: each recipe is a function of a module that only the process that
fits it loads, so that no process pays for the start-up of another's library.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from stages.artifacts.arrays import Digits
from stages.artifacts.paths import ModelName


class Job(NamedTuple):
    """What every recipe is given."""

    train: Digits
    validation: Digits  # no recipe learns from it: they evaluate it if their source has an evaluation
    seed: int
    threads: int  # of the peers; this project's networks have theirs in params.yaml
    epochs: int | None  # instead of the recipe's number, for a quick trial
    folder: Path  # this round's networks, among which a taught one finds its teacher


class Trained(NamedTuple):
    """What every recipe returns."""

    predict: Callable[[np.ndarray], np.ndarray]  # (n, 28, 28) float32 in [0, 1] to (n, 10) probabilities
    parameters: int
    multiply_adds: int  # of one image's forward pass in training, convolutions and dense layers only
    epochs: int
    fit_seconds: float  # of the training loop, with any evaluation within it
    looks: int = 1  # forward passes to predict one image
    onnx: Path | None = None  # the network as an ONNX file, if its library makes one


class Recipe(NamedTuple):
    title: str  # Markdown, with the source
    module: str  # of this package
    function: str  # called with a Job and `arguments`
    arguments: tuple[Any, ...] = ()
    package: str = "numpy"  # that has to be installed; the recipe is skipped if it is not


def _ours(model: ModelName, deterministic: bool = True, **changes: Any) -> Recipe:
    """This project's network `model`, with changes of `models.<model>` (two underscores for a dot)."""
    changed = {key.replace("__", "."): value for key, value in changes.items()}
    overrides: dict[str, Any] = {f"models.{model}.{key}": value for key, value in changed.items()}
    words = [f"`{key}={value}`" for key, value in changed.items()]
    if not deterministic:
        overrides["deterministic"] = False
        words.append("`deterministic=false`")
    title = f"this project's `{model}`" + (f" with {', '.join(words)}" if words else "")
    return Recipe(title, "ours", "fit", (model, overrides))


KERAS_CONVNET, PLAIN_MLP = "keras-convnet", "plain-mlp"  # whose times are the units of the others'

RECIPES = {
    PLAIN_MLP: Recipe("plain 784-128-64-10", "with_keras", "fit_plain_mlp"),
    "sklearn-mlp": Recipe(
        "scikit-learn's [MLPClassifier](https://scikit-learn.org/stable/modules/generated/"
        "sklearn.neural_network.MLPClassifier.html) with its defaults",
        "with_sklearn",
        "fit_mlp",
        package="sklearn",
    ),
    KERAS_CONVNET: Recipe(
        "keras-io's [mnist_convnet](https://github.com/keras-team/keras-io/blob/master/examples/vision/"
        "mnist_convnet.py)",
        "with_keras",
        "fit_convnet",
    ),
    "torch-convnet": Recipe(
        "pytorch/examples' [mnist](https://github.com/pytorch/examples/blob/main/mnist/main.py)",
        "with_torch",
        "fit_convnet",
        package="torch",
    ),
    "kaggle-convnet": Recipe(
        "one network of C. Deotte's [MNIST-CNN-99.75](https://github.com/cdeotte/MNIST-CNN-99.75)",
        "with_keras",
        "fit_kaggle_convnet",
    ),
    "cnn": _ours("cnn"),
    "cnn-native": _ours("cnn", deterministic=False),
    "cnn-short": _ours("cnn", epochs=2, augment__final_epochs=1),
    "cnn-members": _ours("cnn", members=4, threads=1),
    "cnn-wide-members": _ours("cnn", layers=[24, 48, 72, 144], epochs=20, members=4, threads=1),
    "mlp": _ours("mlp"),  # after the cnn, which teaches it
    "mlp-native": _ours("mlp", deterministic=False),
    "mlp-untaught": _ours("mlp", teacher="none", epochs=36, augment__final_epochs=6),
}
