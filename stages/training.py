"""How one network is trained: optimizer, one-cycle learning rate, augmented batches, and a line of progress an epoch.

Knows nothing of files, and nothing of the other networks that may be averaged with this one.
"""

import time
from typing import NamedTuple

import numpy as np
import pandas as pd

from stages import batches, networks
from stages.backend import keras
from stages.params import ModelName, ModelParams
from stages.prepared import Digits

_MOST_STEPS_PER_EXECUTION = 64


class Fit(NamedTuple):
    """One trained network and how its training went."""

    weights: list[np.ndarray]  # of `networks.build`
    history: pd.DataFrame  # a row an epoch: epoch, loss, accuracy, val_loss, val_accuracy, learning_rate


def fit_network(name: ModelName, params: ModelParams, train: Digits, validation: Digits, seed: int, title: str) -> Fit:
    """Train one network; the same bytes for the same arguments, threads and kind of CPU."""
    network = networks.build(name, params, seed)
    steps_per_epoch = len(train.images) // batches.batch_size(params, len(train.images))
    schedule = one_cycle(params, steps_per_epoch)
    network.compile(
        optimizer=make_optimizer(params, schedule),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=steps_per_execution(steps_per_epoch),
        jit_compile=False,  # XLA makes convolutions several times slower on CPUs
    )
    result = network.fit(
        batches.augmented(train, params, seed),
        epochs=params.epochs,
        steps_per_epoch=steps_per_epoch,
        validation_data=batches.in_order(validation),
        shuffle=False,  # the batches are shuffled already
        callbacks=[EpochLine(title)],
        verbose=0,
    )
    history = pd.DataFrame(result.history)
    history.insert(0, "epoch", history.index + 1)
    history["learning_rate"] = [float(schedule(steps_per_epoch * epoch)) for epoch in history.epoch]
    return Fit(network.get_weights(), history)


def steps_per_execution(steps_per_epoch: int) -> int:
    """Return how many steps one call into TensorFlow makes: the same bits as one by one, and less overhead.

    A divisor of the epoch, as Keras would run over its end otherwise.
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
    """Prints a line an epoch, that of each member in one piece."""

    def __init__(self, title: str):
        super().__init__()
        self.title = title

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        figures = "  ".join(f"{key} {value:.4f}" for key, value in logs.items())
        seconds = time.monotonic() - self.started
        print(f"{self.title}: epoch {epoch + 1}/{self.params['epochs']}  {figures}  {seconds:.1f} s", flush=True)
