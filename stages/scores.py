"""What predicted probabilities are worth, against the labels. Pure functions of arrays."""

import numpy as np

from stages.images import CLASSES

_SMALLEST = np.finfo(np.float32).tiny  # a probability that float32 rounded to 0 costs 87 nats, not infinitely many
_PLACES = 5  # finer digits are noise, and differ between CPUs


def accuracy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return float((probabilities.argmax(axis=1) == labels).mean())


def losses(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return (n,) float64: the cross-entropy of each image in nats. Their mean is the negative log-likelihood."""
    of_the_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return -np.log(np.maximum(of_the_label, _SMALLEST)) + 0.0  # + 0.0 as -log(1) is -0


def brier(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean squared distance from the one-hot label, summed over the classes: 0 to 2 (Brier, 1950)."""
    one_hot = np.eye(CLASSES)[labels]
    return float(((probabilities - one_hot) ** 2).sum(axis=1).mean())


def recalls(labels: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Return, for each digit that occurs, the share of its images that were recognised."""
    found = {digit: (predicted[labels == digit] == digit).mean() for digit in np.unique(labels)}
    return {str(digit): round(float(share), _PLACES) for digit, share in found.items()}


def summary(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Return the metrics of one subset, by the names that metrics/*.json use."""
    values = {
        "accuracy": accuracy(labels, probabilities),
        "loss": float(losses(labels, probabilities).mean()),
        "brier": brier(labels, probabilities),
    }
    return {name: round(value, _PLACES) for name, value in values.items()}
