"""Images as TensorFlow takes them: in batches, read from where they lie, so that no subset has to fit into memory."""

import math

import numpy as np

from stages.augmentation import GROUP, draw_warps, warp
from stages.backend import tf
from stages.images import SIDE
from stages.params import ModelParams
from stages.prepared import Digits

_IN_ORDER = 1000  # images a batch


def augmented(digits: Digits, params: ModelParams, seed: int) -> tf.data.Dataset:
    """Return the batches of all epochs, shuffled in each and warped: (b, 28, 28) float32 images and (b,) uint8 labels.

    A function of its arguments alone, whatever the number of threads. The rows that fill no batch sit an epoch out.
    """
    batch = batch_size(params, len(digits.images))
    steps_per_epoch = len(digits.images) // batch
    first_gentle_step = steps_per_epoch * (params.epochs - params.augment.final_epochs)

    @tf.autograph.experimental.do_not_convert  # there is nothing to convert, and looking for it takes half a second
    def augment(step: tf.Tensor, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        strength = tf.where(step < first_gentle_step, 1.0, params.augment.final_strength)
        warps = draw_warps(batch // math.gcd(batch, GROUP), params.augment, strength, tf.stack([seed, step]))
        images, labels = _read(digits, rows)
        return warp(tf.reshape(images, (batch, SIDE * SIDE)), warps), labels

    rows = _shuffled(len(digits.images), (steps_per_epoch, batch), params.epochs, seed)
    return _untuned(rows.enumerate().map(augment, num_parallel_calls=1).prefetch(4))


def in_order(digits: Digits) -> tf.data.Dataset:
    """Return all images and labels once, as they are: (up to 1000, 28, 28) float32 and (up to 1000,) uint8."""
    rows = tf.data.Dataset.range(len(digits.images)).batch(_IN_ORDER)
    return _untuned(rows.map(lambda rows: _read(digits, rows), num_parallel_calls=1).prefetch(1))


def batch_size(params: ModelParams, images: int) -> int:
    """Return how many images a step sees: all of them, where there are fewer than `params.batch_size`."""
    return min(params.batch_size, images)


def _shuffled(images: int, shape: tuple[int, int], epochs: int, seed: int) -> tf.data.Dataset:
    """Return the (batch,) int32 rows of every step; `shape` is (steps, batch) of an epoch.

    An epoch's order is drawn when it begins: with all of them at once, memory would grow with their number.
    """
    random = np.random.RandomState()

    def order(epoch: int) -> np.ndarray:
        if epoch == 0:
            random.seed(seed)
        return random.permutation(images)[: math.prod(shape)].astype(np.int32)

    def steps(epoch: tf.Tensor) -> tf.data.Dataset:
        rows = tf.numpy_function(order, [epoch], tf.int32, stateful=False)
        return tf.data.Dataset.from_tensor_slices(tf.reshape(rows, shape))

    return tf.data.Dataset.range(epochs).flat_map(steps)


def _untuned(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Leave tf.data nothing to tune: its tuner sleeps for 10, 20, 40, ... ms, and the end of a fit waits for it."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def _read(digits: Digits, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the images and labels of (b,) rows.

    Said to be stateless, as it is: beside what may have a state, deterministic TensorFlow prefetches nothing.
    """
    images, labels = tf.numpy_function(
        lambda rows: (digits.images[rows], digits.labels[rows]), [rows], (tf.float32, tf.uint8), stateful=False
    )
    return tf.ensure_shape(images, (rows.shape[0], SIDE, SIDE)), tf.ensure_shape(labels, (rows.shape[0],))
