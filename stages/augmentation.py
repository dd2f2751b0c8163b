"""Random affine maps of the training images, drawn anew at every step, inside the training graph.

One matrix and one bilinear resampling an image: chained layers would blur it several times and cost more than the
network. Affine augmentation of MNIST: Simard, Steinkraus, Platt, "Best practices for convolutional neural networks",
ICDAR 2003.
"""

from stages.backend import keras, tf
from stages.images import SIDE
from stages.params import AugmentParams

_CENTRE = (SIDE - 1) / 2


class RandomAffine(keras.layers.Layer):
    """Maps (n, 28, 28) images in training, each by its own matrix; passes them through otherwise."""

    def __init__(self, params: AugmentParams, seed: int):
        super().__init__()
        self.params = params
        self.strength = self.add_weight(name="strength", initializer="ones", trainable=False)  # scales every range
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        if not training:
            return images
        transforms = self.draw_transforms(tf.shape(images)[0])
        mapped = keras.ops.image.affine_transform(images[..., None], transforms, data_format="channels_last")
        return mapped[..., 0]

    def draw_transforms(self, n: int) -> tf.Tensor:
        """Draw (n, 8) projective transforms from output to input pixels, as ImageProjectiveTransform takes them."""
        unit = keras.random.uniform((5, n), -1, 1, seed=self.seeds) * self.strength
        rotation = unit[0] * (self.params.rotation * 3.141592653589793 / 180)  # (n,) radians
        zoom = 1 + unit[1] * self.params.zoom
        shear = unit[2] * self.params.shear
        shift_x, shift_y = unit[3] * self.params.shift, unit[4] * self.params.shift
        cos, sin = tf.cos(rotation) / zoom, tf.sin(rotation) / zoom
        # [[a, b], [c, d]] is rotation @ shear / zoom, about the image's centre.
        a, b, c, d = cos, cos * shear - sin, sin, sin * shear + cos
        offset_x = _CENTRE + shift_x - (a + b) * _CENTRE
        offset_y = _CENTRE + shift_y - (c + d) * _CENTRE
        zero = tf.zeros_like(a)
        return tf.stack([a, b, offset_x, c, d, offset_y, zero, zero], axis=1)


class GentleFinish(keras.callbacks.Callback):
    """Weakens the augmentation in the last epochs, so that the network settles on images as they are."""

    def __init__(self, layer: RandomAffine, epochs: int):
        super().__init__()
        self.layer = layer
        self.first_gentle_epoch = epochs - layer.params.final_epochs

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        gentle = epoch >= self.first_gentle_epoch
        self.layer.strength.assign(self.layer.params.final_strength if gentle else 1.0)
