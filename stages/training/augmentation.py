"""Random distortions of the training images, new at every step: affine maps and elastic fields in one resampling.

A transform is a sparse matrix with four entries per pixel, applied to 16 images at once: five times cheaper than one
map per image, and an elastic field costs no more than a rotation. Each image still gets another transform in every
epoch. Affine and elastic augmentation of MNIST: Simard, Steinkraus, Platt, "Best practices for convolutional neural
networks applied to visual document analysis", ICDAR 2003.
"""

import math

import numpy as np

from stages.artifacts.images import SIDE
from stages.config.params import AugmentParams
from stages.training.tensorflow import tf

GROUP = 16  # images that share a transform: one cache line of float32
_PIXELS = SIDE * SIDE
_CENTRE = (SIDE - 1) / 2
_SMALLEST_ZOOM = 0.1  # of the largest zoom with no variation
_GRID = 6  # the elastic field has a random displacement at each of 6x6 points, smoothed between them


def sample_transforms(
    n: int,
    params: AugmentParams,
    strength: tf.Tensor | float,
    seed: tf.Tensor,
    variation: float = 0.0,
    variation_seed: tf.Tensor | None = None,
) -> tf.SparseTensor:
    """Draw n transforms, every range scaled by `strength`; a function of its arguments, `seed` being (2,) integers.

    If `variation` is not 0, each is moved by that fraction of another transform, drawn from `variation_seed`.
    Returns (784 n, 784 n) float32, block diagonal: a row is a pixel of the result, a column a pixel of its source.
    """
    unit, points = _draw(n, seed)
    if variation:
        other_unit, other_points = _draw(n, variation_seed)
        unit, points = unit + variation * other_unit, points + variation * other_points
    unit = strength * unit
    rotation = unit[0] * (params.rotation * math.pi / 180)  # (n, 1) radians
    zoom = tf.maximum(1 + unit[1] * params.zoom, _SMALLEST_ZOOM)
    shear = unit[2] * params.shear
    # [[a, b], [c, d]] is rotation @ shear / zoom, about the image's centre: from result to source pixels.
    a, c = tf.cos(rotation) / zoom, tf.sin(rotation) / zoom
    b, d = a * shear - c, c * shear + a
    y, x = (axis.reshape(1, _PIXELS) for axis in np.mgrid[:SIDE, :SIDE].astype(np.float32) - _CENTRE)
    field_x, field_y = tf.unstack(tf.matmul(strength * params.elastic * points, _smoothing()))  # (n, 784) pixels each
    return _bilinear(
        a * x + b * y + _CENTRE + unit[3] * params.shift + field_x,
        c * x + d * y + _CENTRE + unit[4] * params.shift + field_y,
    )


def _draw(n: int, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return (5, n, 1) from -1 to 1 for the affine maps, and (2, n, 36) standard normal for the elastic fields."""
    seeds = tf.random.split(seed, 2, alg="philox")
    unit = tf.random.stateless_uniform((5, n, 1), seeds[0], -1, 1, alg="philox")
    return unit, tf.random.stateless_normal((2, n, _GRID**2), seeds[1], alg="philox")


def augment(images: tf.Tensor, transforms: tf.SparseTensor) -> tf.Tensor:
    """Resample (b, 784) images as (b, 28, 28), b / n of them in a row by each of the n transforms."""
    n = transforms.dense_shape[0] // _PIXELS
    columns = tf.transpose(tf.reshape(images, (n, -1, _PIXELS)), (0, 2, 1))  # (n, 784, b / n)
    resampled = tf.sparse.sparse_dense_matmul(transforms, tf.reshape(columns, (n * _PIXELS, -1)))
    return tf.reshape(tf.transpose(tf.reshape(resampled, (n, _PIXELS, -1)), (0, 2, 1)), (-1, SIDE, SIDE))


def _bilinear(x: tf.Tensor, y: tf.Tensor) -> tf.SparseTensor:
    """Return the matrix that interpolates at (n, 784) source coordinates in pixels; outside the image is black."""
    n = x.shape[0]
    left, top = tf.floor(x), tf.floor(y)
    right_share, bottom_share = x - left, y - top
    sources, weights = [], []
    for column, column_share in ((left, 1 - right_share), (left + 1, right_share)):
        for row, row_share in ((top, 1 - bottom_share), (top + 1, bottom_share)):
            inside = (column >= 0) & (column < SIDE) & (row >= 0) & (row < SIDE)
            sources.append(tf.clip_by_value(row, 0, SIDE - 1) * SIDE + tf.clip_by_value(column, 0, SIDE - 1))
            weights.append(tf.where(inside, column_share * row_share, 0.0))
    first_pixels = np.arange(n)[:, None, None] * _PIXELS
    sources = tf.cast(tf.stack(sources, axis=2), tf.int64) + first_pixels  # (n, 784, 4)
    targets = np.repeat(np.arange(n * _PIXELS), 4)
    places = tf.stack([targets, tf.reshape(sources, (-1,))], axis=1)
    return tf.SparseTensor(places, tf.reshape(tf.stack(weights, axis=2), (-1,)), (n * _PIXELS, n * _PIXELS))


def _smoothing() -> np.ndarray:
    """Return the (36, 784) float32 matrix that spreads random displacements of a grid's points over the pixels.

    Gaussians as wide as 0.7 of the grid's step, scaled so that a pixel's displacement has the variance of a point's.
    """
    points, step = np.linspace(0, SIDE - 1, _GRID, retstep=True)
    along = np.exp(-((points[:, None] - np.arange(SIDE)) ** 2) / (2 * (0.7 * step) ** 2))  # (6, 28)
    along /= np.sqrt((along**2).sum(axis=0))
    return np.einsum("iy,jx->ijyx", along, along).reshape(_GRID**2, _PIXELS).astype(np.float32)
