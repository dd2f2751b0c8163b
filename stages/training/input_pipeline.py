"""Images in batches for TensorFlow, read from the disk as they are used, so that no subset has to fit into memory."""

import math
from collections.abc import Callable

import numpy as np

from stages.artifacts.arrays import Digits
from stages.artifacts.images import CLASSES, SIDE
from stages.config.params import ModelParams
from stages.training.augmentation import GROUP, augment, sample_transforms
from stages.training.tensorflow import tf

Augment = Callable[..., tuple[tf.Tensor, tf.Tensor]]

_IN_ORDER = 1000  # images per batch


def augmented(digits: Digits, params: ModelParams, seed: int) -> tf.data.Dataset:
    """Return the batches of all epochs, shuffled and augmented: (b, 28, 28) float32 images and (b,) uint8 labels.

    A function of its arguments alone, whatever the number of threads. Rows that do not fill a batch sit an epoch out.
    """
    return _mapped(_shuffled(digits, params, seed).enumerate(), _augmenting(digits, params, seed))


def asked(digits: Digits, params: ModelParams, seed: int) -> tf.data.Dataset:
    """Return the batches of `augmented` as a teacher is asked about them: (b,) int32 rows and (b, 28, 28) images."""
    augment = _augmenting(digits, params, seed)
    return _mapped(_shuffled(digits, params, seed).enumerate(), lambda step, rows: (rows, augment(step, rows)[0]))


def taught(digits: Digits, params: ModelParams, seed: int, answers: np.ndarray, order: np.ndarray) -> tf.data.Dataset:
    """Return the batches of `asked` again, by their numbers in `order`, with the answers of a teacher.

    (b, 28, 28) float32 images, each distorted a little differently from what the teacher saw, and (b, 11) float32
    targets: the label, then the probabilities. `params` are those of `asked`.
    """
    batch, variation = batch_size(params, len(digits.images)), params.distillation.variation
    augment = _augmenting(digits, params, seed, variation)

    @tf.autograph.experimental.do_not_convert
    def lesson(step: tf.Tensor, number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        rows, probabilities = tf.numpy_function(
            lambda number: tuple(answers[number]), [number], (tf.int32, tf.float32), stateful=False
        )
        images, labels = augment(number, tf.ensure_shape(rows, (batch,)), tf.stack([-1 - seed, step]))
        probabilities = tf.ensure_shape(probabilities, (batch, CLASSES))
        return images, tf.concat([tf.cast(labels, tf.float32)[:, None], probabilities], axis=1)

    return _mapped(tf.data.Dataset.from_tensor_slices(order).enumerate(), lesson)


def in_order(digits: Digits) -> tf.data.Dataset:
    """Return all images and labels once, as they are: (up to 1000, 28, 28) float32 and (up to 1000,) uint8."""
    return _mapped(tf.data.Dataset.range(len(digits.images)).batch(_IN_ORDER), lambda rows: _read(digits, rows), 1)


def batch_size(params: ModelParams, images: int) -> int:
    """Return how many images a step sees: all of them, if there are fewer than `params.batch_size`."""
    return min(params.batch_size, images)


def _augmenting(digits: Digits, params: ModelParams, seed: int, variation: float = 0.0) -> Augment:
    """Return a function from a step and its (b,) rows to their augmented images and their labels."""
    batch = batch_size(params, len(digits.images))
    first_gentle_step = len(digits.images) // batch * (params.epochs - params.augment.final_epochs)

    @tf.autograph.experimental.do_not_convert  # there is nothing to convert, and looking for it takes half a second
    def augment_batch(
        step: tf.Tensor, rows: tf.Tensor, variation_seed: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        strength = tf.where(step < first_gentle_step, 1.0, params.augment.final_strength)
        n, step_seed = batch // math.gcd(batch, GROUP), tf.stack([seed, step])
        transforms = sample_transforms(n, params.augment, strength, step_seed, variation, variation_seed)
        images, labels = _read(digits, rows)
        return augment(tf.reshape(images, (batch, SIDE * SIDE)), transforms), labels

    return augment_batch


def _shuffled(digits: Digits, params: ModelParams, seed: int) -> tf.data.Dataset:
    """Return the (b,) int32 rows of every step.

    An epoch's order is drawn when it begins: with all of them at once, memory would grow with their number.
    """
    images, batch = len(digits.images), batch_size(params, len(digits.images))
    shape = (images // batch, batch)
    random = np.random.RandomState()

    def order(epoch: int) -> np.ndarray:
        if epoch == 0:
            random.seed(seed)
        return random.permutation(images)[: math.prod(shape)].astype(np.int32)

    def steps(epoch: tf.Tensor) -> tf.data.Dataset:
        rows = tf.numpy_function(order, [epoch], tf.int32, stateful=False)
        return tf.data.Dataset.from_tensor_slices(tf.reshape(rows, shape))

    return tf.data.Dataset.range(params.epochs).flat_map(steps)


def _mapped(dataset: tf.data.Dataset, function: Callable[..., object], prefetched: int = 4) -> tf.data.Dataset:
    """Map and prefetch, and leave tf.data nothing to tune.

    Its tuner sleeps for 10, 20, 40, ... ms, and the end of a fit waits for it.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.map(function, num_parallel_calls=1).prefetch(prefetched).with_options(options)


def _read(digits: Digits, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the images and labels of (b,) rows.

    Declared stateless, as it is: next to what may have a state, deterministic TensorFlow prefetches nothing.
    """
    images, labels = tf.numpy_function(
        lambda rows: (digits.images[rows], digits.labels[rows]), [rows], (tf.float32, tf.uint8), stateful=False
    )
    return tf.ensure_shape(images, (rows.shape[0], SIDE, SIDE)), tf.ensure_shape(labels, (rows.shape[0],))
