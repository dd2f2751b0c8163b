import numpy as np
import pytest
from sklearn import metrics

from stages import scores


@pytest.fixture
def predictions() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.RandomState(0)
    labels = random.randint(0, 10, 500).astype(np.uint8)
    logits = random.normal(size=(500, 10)) + 2 * np.eye(10)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return labels, probabilities.astype(np.float32)


def test_scikit_learn_agrees(predictions):
    labels, probabilities = predictions
    summary = scores.summary(labels, probabilities)
    assert summary["accuracy"] == pytest.approx(metrics.accuracy_score(labels, probabilities.argmax(axis=1)), abs=1e-5)
    assert summary["loss"] == pytest.approx(metrics.log_loss(labels, probabilities), abs=1e-5)
    assert summary["brier"] == pytest.approx(
        metrics.brier_score_loss(labels, probabilities, scale_by_half=False), abs=1e-5
    )
    recall = scores.recalls(labels, probabilities.argmax(axis=1))
    expected = metrics.recall_score(labels, probabilities.argmax(axis=1), average=None)
    assert list(recall) == [str(digit) for digit in range(10)]
    assert list(recall.values()) == pytest.approx(list(expected), abs=1e-5)


def test_a_probability_of_zero_costs_much_but_not_all():
    probabilities = np.eye(10, dtype=np.float32)
    costs = scores.losses(np.array([0, 2]), probabilities[:2])
    assert costs[0] == 0 and 80 < costs[1] < 100


def test_a_digit_that_does_not_occur_has_no_recall():
    assert scores.recalls(np.array([1, 1, 3]), np.array([1, 0, 3])) == {"1": 0.5, "3": 1.0}
