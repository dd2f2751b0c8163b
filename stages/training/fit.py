"""How one network is trained: on augmented batches that its threads share, with one line of progress per epoch.

Knows nothing of files, and nothing of the other networks that may be averaged with this one.
"""

import math
import time
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from stages.artifacts.arrays import Digits
from stages.artifacts.images import CLASSES
from stages.artifacts.paths import ModelName
from stages.config.params import ModelParams
from stages.training import distillation, input_pipeline, networks
from stages.training.optimizer import make_optimizer, make_schedule
from stages.training.tensorflow import keras, tf

_MOST_STEPS_PER_EXECUTION = 64
_IMAGES_FOR_STATISTICS = 10_000  # enough by far, and a second's work


class Fit(NamedTuple):
    """One trained network and how its training went."""

    weights: list[np.ndarray]  # of `networks.build`
    steps: int  # of the optimizer
    history: pd.DataFrame  # one row per epoch: epoch, loss, accuracy, val_loss, val_accuracy, learning_rate


def fit_network(
    name: ModelName,
    params: ModelParams,
    train: Digits,
    validation: Digits,
    seed: int,
    title: str,
    teacher: bytes | None = None,
    classes: int = CLASSES,
) -> Fit:
    """Train one network from the labels or, given the `.keras` file of a teacher, from its probabilities.

    The same bytes for the same arguments, once `tensorflow.configure` was called. The history is of the network as it
    trained, before `refresh_batchnorm_statistics`.
    """
    network = networks.build(name, params, seed, classes)
    batch = input_pipeline.batch_size(params, len(train.images))
    steps_per_epoch = len(train.images) // batch
    schedule = make_schedule(params, steps_per_epoch)
    lessons = by_labels(train, params, seed) if teacher is None else by_teacher(teacher, train, params, seed, title)
    model = ShardedBatches(network, min(params.threads, batch))
    model.compile(
        optimizer=make_optimizer(params, schedule),
        loss=lessons.loss,
        metrics=lessons.metrics,
        steps_per_execution=steps_per_execution(steps_per_epoch),
        jit_compile=False,  # XLA makes convolutions several times slower on CPUs
    )
    model.optimizer.build(network.trainable_variables)  # within the first step, Keras would trace that one twice
    result = model.fit(
        lessons.batches,
        epochs=params.epochs,
        steps_per_epoch=steps_per_epoch,
        validation_data=input_pipeline.in_order(validation),
        shuffle=False,  # the batches are shuffled already
        callbacks=[EpochLine(title)],
        verbose=0,
    )
    refresh_batchnorm_statistics(network, train)
    history = pd.DataFrame(in_nats(result.history))
    history.insert(0, "epoch", history.index + 1)
    history["learning_rate"] = [float(schedule(steps_per_epoch * epoch)) for epoch in history.epoch]
    return Fit(network.get_weights(), params.epochs * steps_per_epoch, history)


class Lessons(NamedTuple):
    """What a network is trained on: batches of images with targets, and how its answers are judged by these."""

    batches: tf.data.Dataset
    loss: keras.losses.Loss | distillation.Loss
    metrics: list[str | distillation.Loss]


def by_labels(train: Digits, params: ModelParams, seed: int) -> Lessons:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return Lessons(input_pipeline.augmented(train, params, seed), loss, ["accuracy"])


def by_teacher(teacher: bytes, train: Digits, params: ModelParams, seed: int, title: str) -> Lessons:
    steps_per_epoch = len(train.images) // input_pipeline.batch_size(params, len(train.images))
    answers = distillation.ask(distillation.load_teacher(teacher), train, params, seed, title)
    order = distillation.order(params, steps_per_epoch, seed)
    taught = input_pipeline.taught(train, distillation.asked_params(params), seed, answers, order)
    how = params.distillation
    loss = distillation.loss(how.temperature, how.label_share)
    return Lessons(taught, loss, [distillation.accuracy, distillation.cross_entropy])


def in_nats(figures: dict[str, Any]) -> dict[str, Any]:
    """Return Keras' figures with the cross-entropy of the labels as the loss, also if a teacher was followed."""
    return {
        key: figures.get(key.replace("loss", "cross_entropy"), value)
        for key, value in figures.items()
        if "cross_entropy" not in key
    }


def steps_per_execution(steps_per_epoch: int) -> int:
    """Return how many steps one call into TensorFlow makes: the same bits as one by one, and less overhead.

    A divisor of the epoch, as Keras would run over its end otherwise.
    """
    return max(n for n in range(1, _MOST_STEPS_PER_EXECUTION + 1) if steps_per_epoch % n == 0)


def refresh_batchnorm_statistics(network: keras.Sequential, train: Digits) -> None:
    """Give BatchNorm the statistics of the training images as they are, in place of the last augmented batches'.

    "Precise BatchNorm": Wu, Johnson, "Rethinking 'Batch' in BatchNorm", 2021.
    """
    every = math.ceil(len(train.images) / _IMAGES_FOR_STATISTICS)
    sample = Digits(train.images[::every], train.labels[::every])
    for before, (outputs, _) in enumerate(input_pipeline.in_order(sample)):
        for layer in network.layers:
            is_norm = isinstance(layer, keras.layers.BatchNormalization)
            if is_norm:
                layer.momentum = before / (before + 1)  # of a mean over the batches
            outputs = layer(outputs, training=is_norm)


class ShardedBatches(keras.Model):
    """A network whose batches are split while it trains, so that each thread works through one shard.

    Quicker than TensorFlow's threads within an operation, and BatchNorm, which sees one shard at a time, loses nothing
    by it ("ghost batch normalization": Hoffer, Hubara, Soudry, "Train longer, generalize better", NeurIPS 2017).
    """

    def __init__(self, network: keras.Sequential, shards: int):
        super().__init__()
        self.network = network
        self.shards = shards

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        if not training:
            return self.network(images)
        shards = keras.ops.array_split(images, self.shards)
        return tf.concat([self.network(shard, training=True) for shard in shards], axis=0)


class EpochLine(keras.callbacks.Callback):
    """Prints one line per epoch. Ends a training whose loss is NaN."""

    def __init__(self, title: str):
        super().__init__()
        self.title = title

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        figures = "  ".join(f"{key} {value:.4f}" for key, value in in_nats(logs).items())
        seconds = time.monotonic() - self.started
        print(f"{self.title}: epoch {epoch + 1}/{self.params['epochs']}  {figures}  {seconds:.1f} s", flush=True)
        self.model.stop_training = not math.isfinite(logs["loss"])
