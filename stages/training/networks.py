"""The two networks: as they are trained, ending in logits, and as they are saved, ending in probabilities.

Input: (n, 28, 28) float32 images in [0, 1]. Knows nothing of files or of training.
"""

import numpy as np

from stages.artifacts.images import CLASSES, SIDE
from stages.artifacts.paths import ModelName
from stages.config.params import ModelParams
from stages.training.tensorflow import keras, layers, tf

_SHIFTS = ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2))  # rows and columns from the top left: none, down, up, right, left
LOOKS = len(_SHIFTS)
_MOMENTUM = 0.95  # of BatchNorm's statistics: Keras' 0.99 lags behind for the first few hundred steps


class BatchNorm(layers.BatchNormalization):
    """Keras' layer, with a square root and a division in place of `rsqrt`, which each vendor's CPUs approximate.

    While it trains, one fused kernel of TensorFlow normalises (n, h, w, c): Keras' layer makes a dozen passes of it.
    """

    def call(self, inputs: tf.Tensor, training: bool = False, mask: tf.Tensor | None = None) -> tf.Tensor:
        if not training:
            return self._normalise(inputs, self.moving_mean.value, self.moving_variance.value)
        if inputs.shape.rank == 4:
            outputs, mean, variance = self._fused(inputs)
        else:
            mean, variance = tf.nn.moments(inputs, axes=[0])
            outputs = self._normalise(inputs, mean, variance)
            mean = self._moved(self.moving_mean, mean)
            variance = self._moved(self.moving_variance, variance)
        self.moving_mean.assign(mean)
        self.moving_variance.assign(variance)
        return outputs

    def _normalise(self, inputs: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor) -> tf.Tensor:
        return (inputs - mean) * (self.gamma.value / tf.sqrt(variance + self.epsilon)) + self.beta.value

    def _moved(self, average: keras.Variable, value: tf.Tensor) -> tf.Tensor:
        return average.value * self.momentum + value * (1 - self.momentum)

    def _fused(self, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Return the outputs and the new moving mean and variance."""
        return tf.compat.v1.nn.fused_batch_norm(
            inputs,
            self.gamma.value,
            self.beta.value,
            self.moving_mean.value,
            self.moving_variance.value,
            epsilon=self.epsilon,
            exponential_avg_factor=1 - self.momentum,
        )


def build(name: ModelName, params: ModelParams, seed: int, classes: int = CLASSES) -> keras.Sequential:
    """Return an untrained network that gives (n, classes) logits.

    Its weights depend on the seed alone: Keras' own seeds come from Python's `random`, which other threads use too.
    """
    return {"mlp": build_mlp, "cnn": build_cnn}[name](params, np.random.RandomState(seed), classes)


def build_mlp(params: ModelParams, random: np.random.RandomState, classes: int = CLASSES) -> keras.Sequential:
    """784-128(ReLU)-64(ReLU)-10 with the default layers; BatchNorm, while it trains, allows a high learning rate."""
    hidden = []
    for width in params.layers:
        hidden += [
            layers.Dense(width, kernel_initializer=_glorot(random)),
            BatchNorm(momentum=_MOMENTUM),
            layers.ReLU(),
            layers.Dropout(params.dropout, seed=_seed(random)),
        ]
    logits = layers.Dense(classes, kernel_initializer=_glorot(random))
    return keras.Sequential([keras.Input((SIDE, SIDE)), layers.Flatten(), *hidden, logits])


def build_cnn(params: ModelParams, random: np.random.RandomState, classes: int = CLASSES) -> keras.Sequential:
    """Four convolutions, pooled after the first and the third: 70,000 parameters with the default channels.

    Pooling comes before BatchNorm and ReLU, which then have a quarter of the work and the same result: both are
    monotonic, as BatchNorm's scale is kept from becoming negative.
    """
    first, second, third, fourth = params.layers

    def convolution(channels: int, size: int, padding: str = "valid") -> layers.Conv2D:
        return layers.Conv2D(channels, size, padding=padding, use_bias=False, kernel_initializer=_glorot(random))

    def norm() -> BatchNorm:
        return BatchNorm(momentum=_MOMENTUM, gamma_constraint=keras.constraints.NonNeg())

    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE)),
            layers.Reshape((SIDE, SIDE, 1)),
            convolution(first, 5),  # (n, 24, 24, first)
            layers.MaxPooling2D(),
            norm(),
            layers.ReLU(),
            convolution(second, 3, padding="same"),  # (n, 12, 12, second)
            norm(),
            layers.ReLU(),
            convolution(third, 3),  # (n, 10, 10, third)
            layers.MaxPooling2D(),
            norm(),
            layers.ReLU(),
            convolution(fourth, 3),  # (n, 3, 3, fourth)
            norm(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dropout(params.dropout, seed=_seed(random)),
            layers.Dense(classes, kernel_initializer=_glorot(random)),
        ]
    )


def _glorot(random: np.random.RandomState) -> keras.initializers.Initializer:
    return keras.initializers.GlorotUniform(_seed(random))


def _seed(random: np.random.RandomState) -> int:
    return int(random.randint(2**31 - 1))


def rebuild(
    name: ModelName, params: ModelParams, weights: list[np.ndarray], classes: int = CLASSES
) -> keras.Sequential:
    """Return a trained network from its weights, as `build` makes it."""
    network = build(name, params, 0, classes)
    network.set_weights(weights)
    return network


def inference_model(networks: list[keras.Sequential], temperature: float, shift: int) -> keras.Model:
    """Return one model that gives (n, 10) probabilities: softmax(log(p) / temperature).

    p is the mean over the networks and, if `shift` is not 0, over the image as it is and moved up, down, left and
    right by that number of pixels.
    """
    if len(networks) == 1 and not shift:
        return _for_inference(networks[0], temperature)
    images = keras.Input((SIDE, SIDE))
    views = _shifted(images, shift) if shift else [images]
    stacked = keras.ops.concatenate(views, axis=0)  # (views * n, 28, 28)
    each = [_for_inference(network)(stacked) for network in networks]
    mean = keras.ops.mean(keras.ops.reshape(keras.ops.stack(each), (len(networks) * len(views), -1, CLASSES)), axis=0)
    return keras.Model(images, layers.Softmax()(keras.ops.log(mean) / temperature))


def _shifted(images: keras.KerasTensor, by: int) -> list[keras.KerasTensor]:
    """Return (n, 28, 28) images as they are, and moved by that number of pixels in each of four directions."""
    padded = keras.ops.pad(images, [(0, 0), (by, by), (by, by)])
    return [padded[:, top * by : top * by + SIDE, left * by : left * by + SIDE] for top, left in _SHIFTS]


def _for_inference(network: keras.Sequential, temperature: float = 1.0) -> keras.Sequential:
    """Fold BatchNorm and the temperature into the linear layers before them, drop Dropout, and end in a softmax.

    Max pooling between the two does not matter: the largest of scaled values is the scaled largest, as no scale is
    negative.
    """
    kept: list[layers.Layer] = []
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            linear = max(i for i, before in enumerate(kept) if isinstance(before, layers.Dense | layers.Conv2D))
            kept[linear] = _fold(kept[linear], layer)
        elif not isinstance(layer, layers.Dropout):
            kept.append(layer)
    *body, logits = kept
    logits = _copy(logits, layers.Dense, [weights / temperature for weights in logits.get_weights()])
    return keras.Sequential([keras.Input((SIDE, SIDE)), *body, logits, layers.Softmax()])


def _fold(linear: layers.Layer, norm: layers.BatchNormalization) -> layers.Layer:
    """Return one linear layer that computes norm(linear(x)): scale * (w x + b - mean) + beta."""
    kernel, *bias = linear.get_weights()
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return _copy(linear, type(linear), [kernel * scale, (sum(bias) - mean) * scale + beta], use_bias=True)


def _copy(layer: layers.Layer, kind: type[layers.Layer], weights: list[np.ndarray], **changes: object) -> layers.Layer:
    copy = kind.from_config(layer.get_config() | changes)
    copy.build(layer.input.shape)
    copy.set_weights(weights)
    return copy
