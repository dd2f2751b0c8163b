"""How one network teaches another: the student learns the teacher's probabilities of each augmented image.

Hinton, Vinyals, Dean, "Distilling the knowledge in a neural network", 2015; that teacher and student see the same
image, and that the student needs many epochs: Beyer et al., "Knowledge distillation: a good teacher is patient and
consistent", CVPR 2022. A teacher costs several times what its student does, so it is asked about the images of a few
epochs only. Its answers are kept and used several times, each time with the image distorted slightly differently.
"""

import math
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import CLASSES, SIDE
from stages.config.params import TEACHER_THREADS, ModelParams
from stages.inference.losses import SMALLEST
from stages.training import input_pipeline
from stages.training.tensorflow import keras, tf

Loss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]

_SHARD = 2048  # images that a thread puts to the teacher in one go


def load_teacher(content: bytes) -> keras.Model:
    """Return a model that gives (n, 10) probabilities: the mean over the networks in a `.keras` file of this pipeline.

    Each looks at an image once. The common temperature that the file has after several networks or looks is left out.
    Raises PipelineError if the file is damaged, or not such a model.
    """
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "teacher.keras"
        path.write_bytes(content)
        try:
            model = keras.models.load_model(path, safe_mode=True)
        except (ValueError, TypeError, KeyError, OSError, zipfile.BadZipFile) as error:
            raise PipelineError(f"the teacher's .keras file cannot be read ({error}): train it again") from None
    networks = [layer for layer in model.layers if isinstance(layer, keras.Sequential)] or [model]
    shapes = {(network.input_shape, network.output_shape) for network in networks}
    if shapes != {((None, SIDE, SIDE), (None, CLASSES))}:
        raise PipelineError(f"the teacher's .keras file is not a model of {SIDE}x{SIDE} images and {CLASSES} digits")
    images = keras.Input((SIDE, SIDE))
    return keras.Model(images, sum(network(images) for network in networks) / len(networks))


def ask(teacher: keras.Model, digits: Digits, params: ModelParams, seed: int, title: str) -> np.ndarray:
    """Return the teacher's answers, one record per batch, in a temporary file that is mapped into memory.

    A record: `rows` (b,) int32 and `probabilities` (b, 10) float32, softened by the temperature. The last records are
    of the gentler augmentation, in its share of the training.
    """
    asked = asked_params(params)
    batch = input_pipeline.batch_size(params, len(digits.images))
    steps = len(digits.images) // batch
    record = np.dtype([("rows", np.int32, batch), ("probabilities", np.float32, (batch, 10))])
    answer = _answering(teacher, params)
    done, started = 0, time.monotonic()
    with tempfile.TemporaryFile() as file:
        for rows, images in input_pipeline.asked(digits, asked, seed).batch(max(1, _SHARD * TEACHER_THREADS // batch)):
            answers = np.empty(len(rows), record)
            answers["rows"], answers["probabilities"] = rows, answer(images)
            file.write(answers.data)
            before, done = done // steps, done + len(rows)
            if done // steps > before:
                seconds = time.monotonic() - started
                print(f"{title}: its teacher saw epoch {done // steps}/{asked.epochs}  {seconds:.1f} s", flush=True)
        file.flush()
        return np.memmap(file, record, mode="r")  # which outlives the file's name


def asked_params(params: ModelParams) -> ModelParams:
    """Return the params of a training that lasts as long as the teacher is asked."""
    epochs = min(params.distillation.teacher_epochs, params.epochs)
    gentle = math.ceil(epochs * min(params.augment.final_epochs, params.epochs) / params.epochs)
    if params.augment.final_epochs < params.epochs:
        gentle = min(gentle, epochs - 1)
    return params.changed(epochs=epochs, augment=params.augment.changed(final_epochs=gentle))


def _answering(teacher: keras.Model, params: ModelParams) -> Callable[[tf.Tensor], np.ndarray]:
    """Return a function from (k, b, 28, 28) images to (k, b, 10) softened probabilities."""

    @tf.function
    def answer(images: tf.Tensor) -> tf.Tensor:
        together = tf.reshape(images, (-1, *images.shape[2:]))
        shards = keras.ops.array_split(together, max(TEACHER_THREADS, math.ceil(len(together) / _SHARD)))
        probabilities = tf.concat([teacher(shard) for shard in shards], axis=0)
        logits = tf.math.log(tf.maximum(probabilities, SMALLEST)) / params.distillation.temperature
        return tf.reshape(tf.nn.softmax(logits), (*images.shape[:2], -1))

    return lambda images: answer(images).numpy()


def order(params: ModelParams, steps: int, seed: int) -> np.ndarray:
    """Return the (epochs * steps,) int64 numbers of the answers that the training uses: all of them, several times.

    Each time in another order; the gentler ones in the last epochs.
    """
    asked = asked_params(params)
    random = np.random.RandomState(seed)
    gentle = min(params.augment.final_epochs, params.epochs)
    first_gentle = (asked.epochs - asked.augment.final_epochs) * steps

    def passes(first: int, end: int, epochs: int) -> np.ndarray:
        if not epochs:
            return np.empty(0, np.int64)
        times = math.ceil(epochs * steps / (end - first))
        orders = [first + random.permutation(end - first).astype(np.int64) for _ in range(times)]
        return np.concatenate(orders)[: epochs * steps]

    strong = passes(0, first_gentle, params.epochs - gentle)
    return np.concatenate([strong, passes(first_gentle, asked.epochs * steps, gentle)])


def loss(temperature: float, label_share: float) -> Loss:
    """Return the loss of (n, 10) logits, given (n, 11) targets: the label and the teacher's softened probabilities.

    The Kullback-Leibler divergence at this temperature, times the square of the temperature, which makes gradients as
    large at any; and, in the share that the labels have, their cross-entropy. Given (n,) or (n, 1) labels alone, that
    is all of the loss.
    """

    def divergence(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        of_labels = cross_entropy(targets, logits)
        if targets.shape.rank == 1 or targets.shape[1] == 1:
            return of_labels
        probabilities = targets[:, 1:]
        distance = tf.math.log(tf.maximum(probabilities, SMALLEST)) - tf.nn.log_softmax(logits / temperature)
        of_teacher = temperature**2 * tf.reduce_sum(probabilities * distance, axis=1)
        return label_share * of_labels + (1 - label_share) * of_teacher

    return divergence


def cross_entropy(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Return (n,) float32: the cross-entropy of the labels in nats. Targets are as `loss` takes them."""
    return keras.losses.sparse_categorical_crossentropy(_labels(targets), logits, from_logits=True)


def accuracy(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Return (n,) float32: 1 where the highest of (n, 10) logits is the label's. Targets are as `loss` takes them."""
    return tf.cast(tf.equal(tf.argmax(logits, axis=1, output_type=tf.int32), _labels(targets)), tf.float32)


def _labels(targets: tf.Tensor) -> tf.Tensor:
    return tf.cast(targets[:, 0] if targets.shape.rank == 2 else targets, tf.int32)
