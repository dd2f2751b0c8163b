"""Stage `train`: fit one network, save it as `.keras` and `.onnx`, and log every epoch.

The only stage that imports TensorFlow. Never sees a test image.
"""

import argparse
import sys
import time
from typing import NamedTuple, get_args

import numpy as np
import pandas as pd

from stages import backend, model_files, networks, paths, prepared
from stages.augmentation import GentleFinish, RandomAffine
from stages.backend import keras
from stages.classifier import Classifier
from stages.errors import PipelineError, run
from stages.params import ModelName, ModelParams, load_params
from stages.prepared import Digits

_MOST_STEPS_PER_EXECUTION = 64
_ONNX_TOLERANCE = 1e-4  # of a probability, between Keras and onnxruntime


class Fit(NamedTuple):
    """One trained network and how its training went."""

    network: keras.Sequential
    history: pd.DataFrame  # a row an epoch: epoch, loss, accuracy, val_loss, val_accuracy, learning_rate


def main() -> None:
    name = parse_arguments()
    params = load_params()
    backend.configure(params.threads, params.deterministic)
    train, validation = prepared.load("train"), prepared.load("validation")

    fits = fit_members(name, params.model(name), train, validation, params.seed)
    model = networks.classifier([fit.network for fit in fits])

    model_files.save_keras(model, paths.keras_model(name))
    model_files.save_onnx(model, paths.onnx_model(name))
    check_onnx(model, Classifier(paths.onnx_model(name), params.threads), validation.images)
    paths.plots(name).mkdir(parents=True, exist_ok=True)
    history = mean_history([fit.history for fit in fits])
    history.to_csv(paths.plots(name) / "history.csv", index=False, float_format="%.6g", lineterminator="\n")


def parse_arguments() -> ModelName:
    parser = argparse.ArgumentParser(prog="python -m stages.train", description=__doc__)
    parser.add_argument("model", choices=get_args(ModelName), help="the network of params.yaml to train")
    return parser.parse_args().model


def fit_members(name: ModelName, params: ModelParams, train: Digits, validation: Digits, seed: int) -> list[Fit]:
    """Train `params.members` networks that differ in nothing but their seed: `seed`, `seed + 1`, ..."""
    fits = []
    for member in range(params.members):
        title = name if params.members == 1 else f"{name} {member + 1}/{params.members}"
        fits.append(fit_network(name, params, train, validation, seed + member, title))
    return fits


def fit_network(name: ModelName, params: ModelParams, train: Digits, validation: Digits, seed: int, title: str) -> Fit:
    """Train one network on augmented images, a one-cycle learning rate over all steps."""
    keras.utils.set_random_seed(seed)
    network = networks.build(name, params)
    augmentation = RandomAffine(params.augment, seed)
    schedule = one_cycle(params, steps_per_epoch := -(-len(train.images) // params.batch_size))
    trained = keras.Sequential([augmentation, network])
    trained.compile(
        optimizer=make_optimizer(params, schedule),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=steps_per_execution(steps_per_epoch),
        jit_compile=False,  # XLA makes convolutions several times slower on CPUs
    )
    at_terminal = sys.stdout.isatty()
    result = trained.fit(
        train.images,
        train.labels,
        batch_size=params.batch_size,
        epochs=params.epochs,
        validation_data=validation,
        callbacks=[GentleFinish(augmentation, params.epochs), *([] if at_terminal else [EpochLine(title)])],
        verbose=1 if at_terminal else 0,
    )
    history = pd.DataFrame(result.history)
    history.insert(0, "epoch", history.index + 1)
    history["learning_rate"] = [float(schedule(steps_per_epoch * epoch)) for epoch in history.epoch]
    return Fit(network, history)


def steps_per_execution(steps_per_epoch: int) -> int:
    """Return how many steps one call into TensorFlow makes: the same bits as one by one, and less overhead.

    A divisor of the epoch, as Keras' progress bar would run over its end otherwise.
    """
    return max(n for n in range(1, _MOST_STEPS_PER_EXECUTION + 1) if steps_per_epoch % n == 0)


def one_cycle(params: ModelParams, steps_per_epoch: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Linear warm-up to `params.learning_rate`, then a cosine to 0 (Smith, Topin, "Super-convergence", 2018).

    The first step's rate is not 0, by which some optimizers (Ftrl) would divide.
    """
    steps = params.epochs * steps_per_epoch
    warmup = min(round(params.warmup * steps), steps - 1)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=params.learning_rate / max(warmup, 1),
        warmup_target=params.learning_rate if warmup else None,
        warmup_steps=warmup,
        decay_steps=steps - warmup,
    )


def make_optimizer(
    params: ModelParams, schedule: keras.optimizers.schedules.LearningRateSchedule
) -> keras.optimizers.Optimizer:
    kinds = {name.lower(): kind for name, kind in vars(keras.optimizers).items()}
    return kinds[params.optimizer](learning_rate=schedule, weight_decay=params.weight_decay or None)


class EpochLine(keras.callbacks.Callback):
    """Prints a line an epoch, for logs, where Keras' progress bar would print thousands."""

    def __init__(self, title: str):
        super().__init__()
        self.title = title

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        figures = "  ".join(f"{key} {value:.4f}" for key, value in logs.items())
        seconds = time.monotonic() - self.started
        print(f"{self.title}: epoch {epoch + 1}/{self.params['epochs']}  {figures}  {seconds:.1f} s", flush=True)


def mean_history(histories: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean of each epoch over the members."""
    return pd.concat(histories).groupby("epoch", as_index=False).mean()


def check_onnx(model: keras.Model, classifier: Classifier, images: np.ndarray) -> None:
    """Raise PipelineError where the saved ONNX model does not predict what the Keras model does."""
    expected = model.predict(images, batch_size=1000, verbose=0)
    difference = np.abs(expected - classifier.predict(images)).max()
    if not difference <= _ONNX_TOLERANCE:  # also where it is NaN
        raise PipelineError(f"the ONNX model is off by {difference:g} from the Keras model; is the network diverging?")
    print(f"ONNX agrees with Keras on {len(images):,} validation images (largest difference {difference:.1e})")


if __name__ == "__main__":
    run(main)
