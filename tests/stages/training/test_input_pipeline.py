import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from stages.artifacts.arrays import Digits
from stages.artifacts.images import normalise
from stages.config.params import ModelParams, load_params
from stages.ingest.kaggle_csv import Table
from stages.training import input_pipeline
from stages.training.tensorflow import tf
from tests.helpers.augment_params import NONE
from tests.helpers.workspace import ROOT

COMMITTED = load_params(ROOT / "params.yaml").models.mlp


@pytest.fixture(scope="module")
def images(digits: Table) -> np.ndarray:
    return normalise(digits.pixels[:64])


def test_batches_are_all_images_warped_and_gentler_at_the_end(images: np.ndarray):
    labels = np.arange(64).astype(np.uint8)
    augmented = NONE.changed(shift=4, final_epochs=1, final_strength=0)
    params = COMMITTED.changed(batch_size=20, epochs=3, augment=augmented)
    made = list(input_pipeline.augmented(Digits(images, labels), params, seed=1).as_numpy_iterator())
    assert [batch.shape for batch, _ in made] == [(20, 28, 28)] * 9  # 3 an epoch, 4 images sit out
    orders = [np.concatenate([chosen for _, chosen in made[start : start + 3]]) for start in (0, 3, 6)]
    assert all(np.unique(order).size == 60 for order in orders)
    assert not np.array_equal(orders[0], orders[1])
    moved = np.array([np.abs(warped - images[chosen]).mean() for warped, chosen in made])
    assert (moved[:6] > 0.02).all() and (moved[6:] < 1e-6).all()
    assert np.unique(moved[:6].round(6)).size == 6  # each batch by separate transforms


def test_batches_hang_on_the_seed_alone(images: np.ndarray):
    digits = Digits(images, np.zeros(64, np.uint8))
    params: ModelParams = COMMITTED.changed(batch_size=100, epochs=1)  # more than there are

    def first(seed: int) -> np.ndarray:
        return next(input_pipeline.augmented(digits, params, seed).as_numpy_iterator())[0]

    expected = first(1)
    np.random.seed(5)
    tf.random.set_seed(5)
    assert np.array_equal(first(1), expected)
    assert not np.array_equal(first(2), expected)


def test_the_order_is_that_of_one_random_state_epoch_by_epoch(images: np.ndarray):
    digits = Digits(images, np.arange(64).astype(np.uint8))
    params = COMMITTED.changed(batch_size=20, epochs=3, augment=NONE)
    dataset = input_pipeline.augmented(digits, params, seed=7)
    random = np.random.RandomState(7)
    expected = np.concatenate([random.permutation(64)[:60] for _ in range(3)])
    for _ in range(2):  # a second pass begins from the seed, too
        assert np.array_equal(np.concatenate([labels for _, labels in dataset.as_numpy_iterator()]), expected)


def test_only_one_epochs_order_is_in_memory():
    n = 200_000
    digits = Digits(np.broadcast_to(np.float32(0), (n, 28, 28)), np.zeros(n, np.uint8))
    params = COMMITTED.changed(batch_size=1000, epochs=50)
    tracemalloc.start()
    dataset = input_pipeline._shuffled(digits, params, seed=1)
    next(dataset.as_numpy_iterator())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 8 * n  # an int64 an image, and its copies: all epochs' are 50 times that


def test_all_come_in_order_and_once(digits: Table):
    both = Digits(normalise(digits.pixels), digits.labels)
    made = list(input_pipeline.in_order(both).as_numpy_iterator())
    assert [len(labels) for _, labels in made] == [1000, 797]
    assert np.array_equal(np.concatenate([images for images, _ in made]), both.images)
    assert np.array_equal(np.concatenate([labels for _, labels in made]), both.labels)


def test_images_are_read_as_they_are_needed(images: np.ndarray, tmp_path: Path):
    np.save(tmp_path / "images.npy", images)
    lying = np.load(tmp_path / "images.npy", mmap_mode="r+")
    params = COMMITTED.changed(batch_size=64, epochs=50, augment=NONE)
    iterator = input_pipeline.augmented(Digits(lying, np.zeros(64, np.uint8)), params, seed=1).as_numpy_iterator()
    next(iterator)
    lying[:] = 0.25
    assert max(abs(batch.max() - 0.25) for batch, _ in list(iterator)[-10:]) < 1e-6  # no copy was made at the start


def test_no_fit_waits_for_the_tuner(images: np.ndarray):
    digits = Digits(images, np.zeros(64, np.uint8))
    for dataset in (input_pipeline.augmented(digits, COMMITTED, seed=1), input_pipeline.in_order(digits)):
        assert dataset.options().autotune.enabled is False
