from itertools import pairwise

import numpy as np
import pytest
import sklearn.metrics
from scipy.stats import binomtest

from stages.evaluation import metrics
from stages.evaluation.metrics import CalibrationError, PredictionResults
from stages.inference.losses import losses


@pytest.fixture
def predictions() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.RandomState(0)
    labels = random.randint(0, 10, 500).astype(np.uint8)
    logits = random.normal(size=(500, 10)) + 2 * np.eye(10)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return labels, probabilities.astype(np.float32)


def test_summary_and_brier_score_agree_with_scikit_learn(predictions):
    labels, probabilities = predictions
    results = metrics.prediction_results(labels, probabilities)
    accuracy = (probabilities.argmax(axis=1) == labels).mean()
    assert metrics.summary(results) == {
        "accuracy": pytest.approx(accuracy, abs=1e-5),
        "loss": pytest.approx(sklearn.metrics.log_loss(labels, probabilities), abs=1e-5),
    }
    brier = sklearn.metrics.brier_score_loss(labels, probabilities, scale_by_half=False)
    assert metrics.calibration(results)["brier"] == pytest.approx(brier, abs=1e-5)


def test_a_probability_of_zero_costs_much_but_not_all():
    probabilities = np.eye(10, dtype=np.float32)
    costs = losses(np.array([0, 2]), probabilities[:2])
    assert costs[0] == 0 and 80 < costs[1] < 100


def results_of(actual: list[int], predicted: list[int]) -> PredictionResults:
    return metrics.prediction_results(np.array(actual, np.uint8), np.eye(10, dtype=np.float32)[predicted])


def test_by_digit_has_a_row_for_each_digit_that_occurs():
    table = metrics.by_digit(results_of(actual=[1, 1, 3], predicted=[1, 0, 3]))
    assert table.to_dict("list") == {
        "digit": [1, 3], "precision": [1.0, 1.0], "recall": [0.5, 1.0], "f1": [pytest.approx(2 / 3), 1.0],
        "support": [2, 1],
    }  # fmt: skip


def test_confusion_counts_actual_by_row_and_predicted_by_column():
    counts = metrics.confusion(results_of(actual=[1, 1, 3], predicted=[1, 0, 3]))
    assert counts.shape == (10, 10)
    assert {place: counts[place] for place in zip(*counts.nonzero(), strict=True)} == {(1, 1): 1, (1, 0): 1, (3, 3): 1}


def draw_labels(confidence: np.ndarray, seed: int) -> np.ndarray:
    """Digits of which 7 is as frequent as `confidence`, (n,), says, and 2 stands for any other."""
    return np.where(np.random.RandomState(seed).random_sample(len(confidence)) < confidence, 7, 2)


def calibration_error(labels: np.ndarray, confidence: np.ndarray) -> CalibrationError:
    """That of a network that predicts 7 with (n,) such probabilities."""
    probabilities = np.repeat((1 - confidence[:, None]) / 9, 10, axis=1)
    probabilities[:, 7] = confidence
    return metrics.calibration_error(metrics.prediction_results(labels, probabilities))


def test_the_calibration_error_is_the_mean_gap_of_fifteen_bins_of_equally_many_images():
    confidence = np.random.RandomState(4).uniform(0.2, 1, 500)
    labels = draw_labels(confidence, 5)  # calibrated, so that the gaps of the bins are of either sign
    rows = sorted(zip(confidence, labels == 7, strict=True))
    expected = 0.0
    for bin_ in range(15):
        members = rows[bin_ * 500 // 15 : (bin_ + 1) * 500 // 15]
        gap = np.mean([right for _, right in members]) - np.mean([confidence for confidence, _ in members])
        expected += abs(gap) * len(members) / 500
    found = calibration_error(labels, confidence)
    assert found.ece == pytest.approx(expected, abs=1e-9)
    assert 0 <= found.low <= found.ece <= found.high
    assert calibration_error(labels, confidence) == found


@pytest.mark.parametrize("overconfidence", [0.0, 0.1, 0.3])
def test_the_interval_holds_the_true_calibration_error(overconfidence: float):
    right = np.random.RandomState(1).beta(3, 2, 600) * (1 - overconfidence) * 0.8 + 0.15  # more than 1/10, as 7 leads
    found = [calibration_error(draw_labels(right, seed), right + overconfidence) for seed in range(30)]
    assert sum(low <= overconfidence <= high for _, low, high in found) >= 26
    assert all(high - low < 0.12 for _, low, high in found)
    assert sum(low > 0 for _, low, _ in found) >= (26 if overconfidence else 0)


def test_a_calibrated_network_has_almost_no_calibration_error():
    confidence = np.random.RandomState(2).uniform(0.2, 1, 50_000)
    error = calibration_error(draw_labels(confidence, 3), confidence)
    assert error.ece < 0.01 and error.low == 0


@pytest.mark.parametrize("images", [1, 14, 16])
def test_a_few_images_have_a_calibration_error(images: int):
    error = calibration_error(np.full(images, 7), np.full(images, 0.75))
    assert error == pytest.approx((0.25, 0, 0.25))


def test_each_row_of_a_reliability_diagram_is_of_one_range_of_doubt(predictions):
    labels, probabilities = predictions
    probabilities = probabilities**3 / (probabilities**3).sum(axis=1, keepdims=True)  # surer
    bins = metrics.reliability(metrics.prediction_results(labels, probabilities))
    confidence, right = probabilities.max(axis=1).astype(float), probabilities.argmax(axis=1) == labels
    rows = []
    for most, least in pairwise([*10.0 ** (-np.arange(9) / 2), -1]):
        members = (1 - confidence <= most) & (1 - confidence > least)
        if members.any():
            interval = binomtest(int(right[members].sum()), int(members.sum())).proportion_ci(0.95, method="wilson")
            rows.append((confidence[members].mean(), right[members].mean(), *interval, members.sum()))
    assert len(rows) >= 6
    assert np.transpose(bins) == pytest.approx(np.array(rows), abs=1e-6)
    assert bins.images.sum() == 500
