import numpy as np
import pytest

from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from stages.screening import fitting
from stages.screening.classes import DIGIT, LEAST
from stages.training import assembly


def crossed_out(images: np.ndarray) -> np.ndarray:
    """Digits with a cross over them."""
    cross = np.maximum(np.eye(28, dtype=np.float32), np.eye(28, dtype=np.float32)[::-1])
    return np.maximum(images, cross)


def labelled(images: np.ndarray) -> Digits:
    """Digits, and as many crossed out."""
    both = np.stack([images, crossed_out(images)], axis=1).reshape(-1, 28, 28)
    return Digits(both, np.tile(np.array([1, 0], np.uint8), len(images)))


@pytest.fixture(scope="module")
def weights(subsets: tuple[Digits, Digits]) -> list[np.ndarray]:
    train, validation = subsets
    return fitting.fit(labelled(train.images), labelled(validation.images[:100]), epochs=2, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("kept", [0.5, 0.95])
def test_the_model_tells_digits_from_non_digits_and_keeps_the_share(
    kept: float, weights: list[np.ndarray], subsets: tuple[Digits, Digits]
):
    _, validation = subsets
    model = fitting.at_threshold(weights, validation, kept)
    of_digits = assembly.predict(model, validation)
    assert of_digits.shape == (len(validation.images), 2)
    assert (of_digits[:, DIGIT] >= LEAST).mean() == pytest.approx(kept, abs=0.005)
    of_crossed_out = assembly.predict(model, Digits(crossed_out(validation.images), validation.labels))
    assert (of_crossed_out[:, DIGIT] >= LEAST).mean() < 0.02


@pytest.mark.slow
def test_a_diverged_training_is_an_error(weights: list[np.ndarray], subsets: tuple[Digits, Digits]):
    with pytest.raises(PipelineError, match=r"the training of the screen diverged"):
        fitting.at_threshold([weight * np.float32("nan") for weight in weights], subsets[1], 0.99)


def test_the_threshold_is_the_highest_that_keeps_the_share():
    margins = np.arange(1000.0)
    assert (margins >= fitting.threshold(margins, 0.99)).mean() == 0.99 + 0.001
    assert fitting.threshold(np.array([3.0]), 0.99) == 3
