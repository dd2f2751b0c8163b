"""What predicted probabilities are worth, against the labels. Pure functions of arrays."""

from typing import Any

import numpy as np

from stages.kaggle_csv import CLASSES

_SMALLEST = np.finfo(np.float32).tiny  # a probability that float32 rounded to 0 costs 87 nats, not infinitely many


def accuracy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return float((probabilities.argmax(axis=1) == labels).mean())


def negative_log_likelihood(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean cross-entropy in nats."""
    of_the_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(of_the_label, _SMALLEST)).mean())


def brier(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean squared distance from the one-hot label, summed over the classes: 0 to 2 (Brier, 1950)."""
    one_hot = np.eye(CLASSES)[labels]
    return float(((probabilities - one_hot) ** 2).sum(axis=1).mean())


def recalls(labels: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Return, for each digit that occurs, the share of its images that were recognised."""
    return {str(digit): float((predicted[labels == digit] == digit).mean()) for digit in np.unique(labels)}


def summary(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, Any]:
    """Return every metric of one subset, rounded to 6 places: finer digits are noise, and differ between CPUs."""
    recall = recalls(labels, probabilities.argmax(axis=1))
    return {
        "accuracy": round(accuracy(labels, probabilities), 6),
        "loss": round(negative_log_likelihood(labels, probabilities), 6),
        "brier": round(brier(labels, probabilities), 6),
        "recall": {digit: round(share, 6) for digit, share in recall.items()},
    }
