import numpy as np
import pytest

from stages.artifacts.images import normalise
from stages.ingest.kaggle_csv import Table
from stages.training.augmentation import augment, sample_transforms
from stages.training.tensorflow import tf
from tests.helpers.augment_params import NONE


@pytest.fixture(scope="module")
def images(digits: Table) -> np.ndarray:
    return normalise(digits.pixels[:64])


def augmented(images: np.ndarray, seed: int = 0, strength: float = 1.0, share: int = 1, **ranges: float) -> np.ndarray:
    """Warp (n, 28, 28) images, as many as `share` by the same warp."""
    params = NONE.changed(**ranges)
    warps = sample_transforms(len(images) // share, params, strength, tf.constant([seed, 0]))
    return np.asarray(augment(tf.constant(images.reshape(len(images), -1)), warps))


def centres(images: np.ndarray) -> np.ndarray:
    """(n, 2): the centre of mass of each image as (x, y), in pixels."""
    y, x = np.mgrid[:28, :28]
    return np.stack([(images * x).sum((1, 2)), (images * y).sum((1, 2))], axis=1) / images.sum((1, 2))[:, None]


def test_no_range_changes_nothing(images: np.ndarray):
    assert np.allclose(augmented(images), images, atol=1e-6)


def test_variation_moves_a_warp_a_little_and_depends_on_its_own_seed(images: np.ndarray):
    params = NONE.changed(rotation=10, shift=2, elastic=0.5)

    def varied(variation: float, seed: int) -> np.ndarray:
        seeds = tf.constant([1, 0]), tf.constant([seed, 0])
        warps = sample_transforms(len(images), params, 1.0, seeds[0], variation, seeds[1])
        return np.asarray(augment(tf.constant(images.reshape(len(images), -1)), warps))

    still = varied(0.0, 5)
    assert np.array_equal(still, varied(0.0, 6))
    little, much = (np.abs(varied(variation, 5) - still).mean() for variation in (0.1, 1.0))
    assert 0 < 3 * little < much
    assert np.array_equal(varied(0.1, 5), varied(0.1, 5)) and not np.array_equal(varied(0.1, 5), varied(0.1, 6))


def test_no_variation_mirrors_an_image():
    left = np.zeros((64, 28, 28), np.float32)
    left[:, :, :14] = 1
    seeds = tf.constant([1, 0]), tf.constant([2, 0])
    warps = sample_transforms(64, NONE.changed(zoom=0.9), 1.0, seeds[0], 1.0, seeds[1])
    warped = np.asarray(augment(tf.constant(left.reshape(64, -1)), warps))
    assert (warped[:, :, :14].sum((1, 2)) > warped[:, :, 14:].sum((1, 2))).all()


def test_strength_zero_changes_nothing(images: np.ndarray):
    assert np.allclose(augmented(images, strength=0, rotation=30, zoom=0.3, shear=0.3, shift=3), images, atol=1e-5)


def test_same_seed_same_images(images: np.ndarray):
    assert np.array_equal(augmented(images, rotation=20), augmented(images, rotation=20))
    assert not np.array_equal(augmented(images, rotation=20), augmented(images, seed=1, rotation=20))


def test_shift_moves_the_ink_up_to_its_range(images: np.ndarray):
    moved = np.abs(centres(augmented(images, shift=2)) - centres(images))
    assert moved.max() <= 2.01 and moved.mean(axis=0) == pytest.approx([1, 1], abs=0.3)


@pytest.mark.parametrize("ranges", [{"rotation": 20}, {"zoom": 0.2}, {"shear": 0.2}])
def test_rotation_zoom_and_shear_keep_the_centre(ranges: dict[str, float]):
    disc = (np.hypot(*(np.mgrid[:28, :28] - 13.5)) < 8).astype(np.float32)[None].repeat(64, axis=0)
    changed = augmented(disc, **ranges)
    assert np.abs(centres(changed) - 13.5).max() < 0.05
    area = changed.sum((1, 2)) / disc.sum((1, 2))
    spread = 0.2 if "zoom" in ranges else 0.02
    assert (area.max() - 1 > 0.3) == ("zoom" in ranges)
    assert area.max() < (1 + spread) ** 2 + 0.02 and area.min() > (1 - spread) ** 2 - 0.02


def test_rotation_is_in_degrees():
    bar = np.zeros((256, 28, 28), np.float32)
    bar[:, 13:15, 4:24] = 1
    turned = augmented(bar, rotation=30)
    y, x = np.mgrid[:28, :28] - 13.5
    angles = np.degrees(0.5 * np.arctan2(2 * (turned * x * y).sum((1, 2)), (turned * (x**2 - y**2)).sum((1, 2))))
    assert np.abs(angles).max() == pytest.approx(30, abs=1.5)
    assert angles.std() == pytest.approx(30 / np.sqrt(3), rel=0.15)


def test_images_that_share_a_warp_move_alike(images: np.ndarray):
    moved = centres(augmented(images, share=16, shift=2)) - centres(images)
    groups = moved.reshape(4, 16, 2)
    assert np.abs(groups - groups[:, :1]).max() < 0.02
    assert np.unique(groups[:, 0].round(2), axis=0).shape == (4, 2)


def test_what_is_shared_is_warped_as_if_it_were_not(images: np.ndarray):
    warps = sample_transforms(2, NONE.changed(rotation=30, elastic=1), 1.0, tf.constant([3, 0]))
    together = augment(tf.constant(images[:8].reshape(8, -1)), warps)
    alone = [augment(tf.constant(images[[i, 4 + i]].reshape(2, -1)), warps) for i in range(4)]
    assert np.array_equal(together, np.concatenate([[pair[0] for pair in alone], [pair[1] for pair in alone]]))


def test_what_comes_from_beyond_the_frame_is_black():
    ink = np.ones((64, 28, 28), np.float32)
    moved = augmented(ink, shift=6)
    assert np.abs(moved[:, 6:-6, 6:-6] - 1).max() < 1e-5  # no edge moves by more
    assert moved.min() == 0 and moved.max() == pytest.approx(1, abs=1e-5)


@pytest.mark.slow
def test_elastic_displacement_is_smooth_and_in_pixels():
    ramps = np.stack(np.mgrid[:28, :28]).astype(np.float32)  # (2, 28, 28): a pixel's value is its row, its column
    fields = np.stack([augmented(ramps, seed, share=2, elastic=0.5) - ramps for seed in range(200)])
    inner = fields[..., 4:-4, 4:-4]  # elsewhere pixels come from beyond the frame
    assert inner.std() == pytest.approx(0.5, rel=0.05) and np.abs(inner.mean(axis=(0, 2, 3))).max() < 0.05
    assert inner.std(axis=0).min() > 0.4 and inner.std(axis=0).max() < 0.6  # everywhere alike
    assert np.abs(np.diff(inner, axis=-1)).std() < 0.1  # neighbours move together
