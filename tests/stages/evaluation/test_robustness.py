import numpy as np
import pytest
from scipy import ndimage

from stages.artifacts.arrays import Digits
from stages.artifacts.images import normalise
from stages.evaluation import robustness
from stages.evaluation.robustness import CORRUPTIONS
from stages.ingest.kaggle_csv import Table


@pytest.fixture
def images(digits: Table) -> np.ndarray:
    return normalise(digits.pixels[:60])


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_is_the_same_at_every_call_and_leaves_the_images_alone(name: str, images: np.ndarray):
    apply, strongest, _ = CORRUPTIONS[name]
    before = images.copy()
    corrupted = apply(images, strongest)
    assert np.array_equal(images, before)
    assert corrupted.shape == images.shape and corrupted.dtype == np.float32
    assert corrupted.min() >= 0 and corrupted.max() <= 1
    assert np.abs(corrupted - images).mean() > 0.05
    assert np.array_equal(apply(images, strongest), corrupted)
    assert np.array_equal(apply(images, 0), images)


def test_images_rotate_by_what_it_says_and_both_ways(images: np.ndarray):
    turned = np.zeros(2, int)
    for image, rotated in zip(images, robustness.rotate(images, 30), strict=True):
        ways = [ndimage.rotate(image, degrees, reshape=False, order=1) for degrees in (30, -30)]
        turned += [np.abs(way - rotated).mean() < 0.002 for way in ways]
    assert turned.sum() == len(images) and turned.min() > 15


def test_images_shift_by_whole_pixels_in_four_directions(images: np.ndarray):
    shifted = robustness.shift(images, 3)
    ways = {
        (rows, columns): np.roll(images, (rows, columns), axis=(1, 2))
        for rows, columns in [(3, 0), (-3, 0), (0, 3), (0, -3)]  # the digits lie 4 pixels from the frame
    }
    counts = [sum(map(np.array_equal, shifted, way)) for way in ways.values()]
    assert sum(counts) == len(images) and min(counts) > 5


def test_what_shifts_out_of_the_frame_is_lost(images: np.ndarray):
    assert robustness.shift(images, 28).max() == 0
    assert robustness.shift(np.ones((40, 28, 28), np.float32), 6).sum(axis=(1, 2)) == pytest.approx(22 * 28)


def test_noise_has_the_strength_that_it_says_and_differs_between_images():
    noise = robustness.add_noise(np.full((50, 28, 28), 0.5, np.float32), 0.1) - 0.5
    assert noise.mean() == pytest.approx(0, abs=0.002) and noise.std() == pytest.approx(0.1, abs=0.002)
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.2


@pytest.mark.parametrize("sigma", [0.3, 1.8])
def test_blur_is_a_gaussian(sigma: float, images: np.ndarray):
    expected = [ndimage.gaussian_filter(image, sigma, mode="constant", truncate=9) for image in images]
    assert robustness.blur(images, sigma) == pytest.approx(np.array(expected), abs=1e-5)


@pytest.mark.parametrize("n", [10, 5000])
def test_a_sample_is_fixed_and_pairs_images_with_labels(n: int):
    labels = (np.arange(n) % 10).astype(np.uint8)
    digits = Digits(np.arange(n, dtype=np.float32)[:, None, None] * np.ones((1, 2, 2), np.float32), labels)
    images, found = robustness.sample(digits)
    rows = images[:, 0, 0]
    assert len(rows) == min(n, 2000) and (np.diff(rows) > 0).all()
    assert np.array_equal(found, rows % 10)
    assert np.array_equal(robustness.sample(digits).images, images)


def test_a_curve_begins_at_the_accuracy_without_corruption_and_holds_one_for_each_strength(images: np.ndarray):
    """The made-up network knows an image by its exact pixels, and takes any other for a 0."""
    labels = (np.arange(60) % 9 + 1).astype(np.uint8)
    known = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    calls = []

    def predict(shown: np.ndarray) -> np.ndarray:
        calls.append(len(shown))
        return np.eye(10)[[known.get(image.tobytes(), 0) for image in shown]]

    curves = robustness.curves(Digits(images, labels), predict)
    assert calls == [60] * (1 + 4 * 6)
    assert {name: list(columns) for name, columns in curves.items()} == {
        "blur": ["sigma", "accuracy"], "noise": ["sigma", "accuracy"],
        "rotation": ["degrees", "accuracy"], "shift": ["pixels", "accuracy"],
    }  # fmt: skip
    assert curves["rotation"]["degrees"].tolist() == [0, 7.5, 15, 22.5, 30, 37.5, 45]
    assert curves["shift"]["pixels"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    for columns in curves.values():
        assert columns["accuracy"].tolist() == [1, 0, 0, 0, 0, 0, 0]
