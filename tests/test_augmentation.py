import dataclasses

import numpy as np
import pytest

from stages.augmentation import GentleFinish, RandomAffine
from stages.images import normalise
from stages.kaggle_csv import Table
from stages.params import AugmentParams

NONE = AugmentParams(rotation=0, zoom=0, shear=0, shift=0, final_epochs=1, final_strength=0.5)


@pytest.fixture(scope="module")
def images(digits: Table) -> np.ndarray:
    return normalise(digits.pixels[:64])


def augment(images: np.ndarray, seed: int = 0, strength: float = 1.0, **ranges: float) -> np.ndarray:
    layer = RandomAffine(dataclasses.replace(NONE, **ranges), seed)
    layer.strength.assign(strength)
    return np.asarray(layer(images, training=True))


def centres(images: np.ndarray) -> np.ndarray:
    """(n, 2): the centre of mass of each image as (x, y), in pixels."""
    y, x = np.mgrid[:28, :28]
    return np.stack([(images * x).sum((1, 2)), (images * y).sum((1, 2))], axis=1) / images.sum((1, 2))[:, None]


def test_no_range_changes_nothing(images: np.ndarray):
    assert np.allclose(augment(images), images, atol=1e-6)


def test_outside_training_images_pass(images: np.ndarray):
    layer = RandomAffine(dataclasses.replace(NONE, rotation=90), seed=0)
    assert np.array_equal(layer(images, training=False), images)


def test_strength_zero_changes_nothing(images: np.ndarray):
    assert np.allclose(augment(images, strength=0, rotation=30, zoom=0.3, shear=0.3, shift=3), images, atol=1e-5)


def test_same_seed_same_images(images: np.ndarray):
    assert np.array_equal(augment(images, rotation=20), augment(images, rotation=20))
    assert not np.array_equal(augment(images, rotation=20), augment(images, seed=1, rotation=20))


def test_each_call_draws_anew(images: np.ndarray):
    layer = RandomAffine(dataclasses.replace(NONE, shift=2), seed=0)
    assert not np.array_equal(layer(images, training=True), layer(images, training=True))


def test_shift_moves_the_ink_up_to_its_range(images: np.ndarray):
    moved = np.abs(centres(augment(images, shift=2)) - centres(images))
    assert moved.max() <= 2.01 and moved.mean(axis=0) == pytest.approx([1, 1], abs=0.3)


@pytest.mark.parametrize("ranges", [{"rotation": 20}, {"zoom": 0.2}, {"shear": 0.2}])
def test_rotation_zoom_and_shear_keep_the_centre(ranges: dict[str, float]):
    disc = (np.hypot(*(np.mgrid[:28, :28] - 13.5)) < 8).astype(np.float32)[None].repeat(64, axis=0)
    changed = augment(disc, **ranges)
    assert np.abs(centres(changed) - 13.5).max() < 0.05
    area = changed.sum((1, 2)) / disc.sum((1, 2))
    spread = 0.2 if "zoom" in ranges else 0.02
    assert (area.max() - 1 > 0.3) == ("zoom" in ranges)
    assert area.max() < (1 + spread) ** 2 + 0.02 and area.min() > (1 - spread) ** 2 - 0.02


def test_rotation_is_in_degrees():
    bar = np.zeros((256, 28, 28), np.float32)
    bar[:, 13:15, 4:24] = 1
    turned = augment(bar, rotation=30)
    y, x = np.mgrid[:28, :28] - 13.5
    angles = np.degrees(0.5 * np.arctan2(2 * (turned * x * y).sum((1, 2)), (turned * (x**2 - y**2)).sum((1, 2))))
    assert np.abs(angles).max() == pytest.approx(30, abs=1.5)
    assert angles.std() == pytest.approx(30 / np.sqrt(3), rel=0.15)


def test_the_finish_is_gentle():
    layer = RandomAffine(NONE, seed=0)
    finish = GentleFinish(layer, epochs=3)
    strengths = []
    for epoch in range(3):
        finish.on_epoch_begin(epoch)
        strengths.append(float(layer.strength))
    assert strengths == [1, 1, 0.5]
