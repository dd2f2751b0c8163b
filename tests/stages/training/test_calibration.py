import numpy as np
import pytest

from stages.inference.losses import losses
from stages.training.calibration import at_temperature, fit_temperature


@pytest.fixture(scope="module")
def honest() -> tuple[np.ndarray, np.ndarray]:
    """Labels that are drawn by the very probabilities."""
    random = np.random.RandomState(0)
    probabilities = random.dirichlet(np.full(10, 0.1), 20_000)
    labels = (probabilities.cumsum(axis=1) > random.random_sample((20_000, 1))).argmax(axis=1)
    return labels, probabilities


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.7])
def test_the_temperature_undoes_over_and_underconfidence(temperature: float, honest):
    labels, probabilities = honest
    found = fit_temperature(labels, at_temperature(probabilities, 1 / temperature))
    assert found == pytest.approx(temperature, rel=0.03)


def test_no_other_temperature_has_less_loss(honest):
    labels, probabilities = honest[0][:500], at_temperature(honest[1][:500], 0.6)
    best = fit_temperature(labels, probabilities)
    loss = [losses(labels, at_temperature(probabilities, best * factor)).mean() for factor in (0.97, 1, 1.03)]
    assert loss[1] < min(loss[0], loss[2])


def test_a_temperature_keeps_the_order_and_the_sum(honest):
    _, probabilities = honest
    soft = at_temperature(probabilities, 3.0)
    assert np.allclose(soft.sum(axis=1), 1) and (soft.max(axis=1) < probabilities.max(axis=1)).all()
    assert np.array_equal(soft.argmax(axis=1), probabilities.argmax(axis=1))
    assert np.allclose(at_temperature(probabilities, 1.0), probabilities)


@pytest.mark.parametrize(("images", "expected"), [(10, 0.74), (100, 0.56), (100_000, 0.30)])
def test_a_few_images_that_are_all_right_do_not_ask_for_certainty(images: int, expected: float):
    sure = np.full((images, 10), 0.01)
    sure[:, 7] = 0.91
    assert fit_temperature(np.full(images, 7), sure) == pytest.approx(expected, abs=0.01)
