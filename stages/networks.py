"""The two networks: as they are trained, ending in logits, and as they are saved, ending in probabilities.

Input: (n, 28, 28) float32 images in [0, 1]. Knows nothing of files or of training.
"""

import numpy as np

from stages.backend import keras, tf
from stages.images import CLASSES, SIDE
from stages.params import ModelName, ModelParams

layers = keras.layers
_MOMENTUM = 0.95  # of BatchNorm's statistics: Keras' 0.99 lags behind for the first few hundred steps


class FusedBatchNorm(layers.BatchNormalization):
    """BatchNorm of (n, h, w, c), trained by TensorFlow's one fused kernel; Keras' layer makes a dozen passes of it.

    Weights and inference are those of Keras' layer.
    """

    def call(self, inputs: tf.Tensor, training: bool = False, mask: tf.Tensor | None = None) -> tf.Tensor:
        if not training:
            return super().call(inputs, training=False)
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs,
            self.gamma.value,
            self.beta.value,
            self.moving_mean.value,
            self.moving_variance.value,
            epsilon=self.epsilon,
            exponential_avg_factor=1 - self.momentum,
        )
        self.moving_mean.assign(mean)
        self.moving_variance.assign(variance)
        return outputs


def build(name: ModelName, params: ModelParams) -> keras.Sequential:
    """Return an untrained network that gives (n, 10) logits."""
    return {"mlp": build_mlp, "cnn": build_cnn}[name](params)


def build_mlp(params: ModelParams) -> keras.Sequential:
    """784-128(ReLU)-64(ReLU)-10 with the default layers; BatchNorm, while it trains, allows a high learning rate."""
    hidden = []
    for width in params.layers:
        hidden += [
            layers.Dense(width),
            layers.BatchNormalization(momentum=_MOMENTUM),
            layers.ReLU(),
            layers.Dropout(params.dropout),
        ]
    return keras.Sequential([keras.Input((SIDE, SIDE)), layers.Flatten(), *hidden, layers.Dense(CLASSES)])


def build_cnn(params: ModelParams) -> keras.Sequential:
    """Four convolutions, pooled after the first and the third: 70,000 parameters with the default channels.

    Pooling comes before BatchNorm and ReLU, which then have a quarter of the work and the same result: both are
    monotonic wherever BatchNorm's scale is positive.
    """
    first, second, third, fourth = params.layers
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE)),
            layers.Reshape((SIDE, SIDE, 1)),
            layers.Conv2D(first, 5, use_bias=False),  # (n, 24, 24, first)
            layers.MaxPooling2D(),
            FusedBatchNorm(momentum=_MOMENTUM),
            layers.ReLU(),
            layers.Conv2D(second, 3, padding="same", use_bias=False),  # (n, 12, 12, second)
            FusedBatchNorm(momentum=_MOMENTUM),
            layers.ReLU(),
            layers.Conv2D(third, 3, use_bias=False),  # (n, 10, 10, third)
            layers.MaxPooling2D(),
            FusedBatchNorm(momentum=_MOMENTUM),
            layers.ReLU(),
            layers.Conv2D(fourth, 3, use_bias=False),  # (n, 3, 3, fourth)
            FusedBatchNorm(momentum=_MOMENTUM),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dropout(params.dropout),
            layers.Dense(CLASSES),
        ]
    )


def rebuild(name: ModelName, params: ModelParams, weights: list[np.ndarray]) -> keras.Sequential:
    """Return a trained network from its weights, as `build` makes it."""
    network = build(name, params)
    network.set_weights(weights)
    return network


def classifier(networks: list[keras.Sequential], temperature: float) -> keras.Model:
    """Return one model that gives (n, 10) probabilities: softmax(log(p) / temperature), p the mean over the networks."""
    if len(networks) == 1:
        return _for_inference(networks[0], temperature)
    images = keras.Input((SIDE, SIDE))
    mean = layers.Average()([_for_inference(network)(images) for network in networks])
    return keras.Model(images, layers.Softmax()(keras.ops.log(mean) / temperature))


def _for_inference(network: keras.Sequential, temperature: float = 1.0) -> keras.Sequential:
    """Fold BatchNorm and the temperature into the linear layers before them, drop Dropout, and end in a softmax."""
    kept = []
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization) and isinstance(kept[-1], layers.Dense | layers.Conv2D):
            kept[-1] = _fold(kept[-1], layer)
        elif isinstance(layer, layers.BatchNormalization):
            kept.append(_copy(layer, layers.BatchNormalization, layer.get_weights()))
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
