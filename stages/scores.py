"""What predicted probabilities are worth, against the labels. Pure functions of arrays."""

from typing import NamedTuple

import numpy as np

from stages.images import CLASSES
from stages.likelihood import losses

BINS = 15  # of the calibration error, as Guo et al. have it

_PLACES = 5  # finer digits are noise
_DRAWS = 1000  # of the calibration error's interval
_TAIL = 0.025  # of an interval, on each side
_Z = 1.959964  # the standard normal quantile of 1 - _TAIL
_DOUBTS = 10.0 ** (-np.arange(1, 9) / 2)  # where one bin of the reliability diagram ends: 32 %, 10 %, ..., 0.01 %


class Outcomes(NamedTuple):
    """What came of the prediction of each image."""

    actual: np.ndarray  # (n,) uint8 digits
    predicted: np.ndarray  # (n,) uint8 digits
    confidence: np.ndarray  # (n,) float32: the probability of the predicted digit
    loss: np.ndarray  # (n,) float64: cross-entropy in nats
    brier: np.ndarray  # (n,) float64: squared distance from the one-hot label, summed over the digits: 0 to 2

    @property
    def right(self) -> np.ndarray:
        """(n,) bool."""
        return self.predicted == self.actual


class CalibrationError(NamedTuple):
    """How far confidence and accuracy lie apart on average, with the 95 % interval of that."""

    ece: float
    low: float
    high: float


class Reliability(NamedTuple):
    """A reliability diagram: a row for each bin that holds images, the least sure first."""

    confidence: np.ndarray  # (bins,) float64: the mean probability of the predicted digit
    accuracy: np.ndarray  # (bins,) float64
    accuracy_low: np.ndarray  # (bins,) float64: its 95 % interval
    accuracy_high: np.ndarray  # (bins,) float64
    images: np.ndarray  # (bins,) int64: how many


def accuracy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return float((probabilities.argmax(axis=1) == labels).mean())


def judge(labels: np.ndarray, probabilities: np.ndarray) -> Outcomes:
    """Return the outcome of (n, 10) probabilities, image by image."""
    squares = (probabilities - np.eye(CLASSES)[labels]) ** 2
    predicted = probabilities.argmax(axis=1).astype(np.uint8)
    return Outcomes(labels, predicted, probabilities.max(axis=1), losses(labels, probabilities), squares.sum(axis=1))


def recalls(labels: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Return, for each digit that occurs, the share of its images that were recognised."""
    found = {digit: (predicted[labels == digit] == digit).mean() for digit in np.unique(labels)}
    return {str(digit): round(float(share), _PLACES) for digit, share in found.items()}


def confusion_matrix(actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Count (n,) digits: return (10, 10) int, a row an actual digit, a column a predicted one."""
    return np.bincount(actual.astype(int) * CLASSES + predicted, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def calibration_error(outcomes: Outcomes) -> CalibrationError:
    """Return the expected calibration error of the predicted digit (Guo et al., "On calibration", 2017).

    In bins of equally many images, not of equal width: 98 % of MNIST's images would share the topmost of those, where
    doubt and overconfidence cancel (Nixon et al., "Measuring calibration", 2019), and equal mass is the less biased
    (Roelofs et al., "Mitigating bias in calibration error estimation", 2022).

    The interval holds the middle 95 % of bootstrap samples, drawn within the bins. As resampling adds noise, which an
    absolute value never averages out, they are moved down by what their mean lies too high. The interval begins at 0
    where a calibrated network, its labels drawn by its own confidences, would show as large an error by chance
    (Bröcker and Smith, "Increasing the reliability of reliability diagrams", 2007).
    """
    order = np.argsort(outcomes.confidence, kind="stable")
    confidence, right = outcomes.confidence[order].astype(np.float64), outcomes.right[order]
    n, bins = len(order), min(BINS, len(order))
    starts = np.arange(bins) * n // bins
    sizes = np.diff(starts, append=n)
    start, size = np.repeat(starts, sizes), np.repeat(sizes, sizes)  # (n,) of the bin of each image

    def error(gaps: np.ndarray) -> float:
        return float(np.abs(np.add.reduceat(gaps, starts)).sum() / n)

    gaps = confidence - right
    ece = error(gaps)
    random = np.random.RandomState(0)
    resampled, calibrated = np.empty(_DRAWS), np.empty(_DRAWS)
    for draw in range(_DRAWS):
        resampled[draw] = error(gaps[start + (random.random_sample(n) * size).astype(np.int64)])
        calibrated[draw] = error(confidence - (random.random_sample(n) < confidence))
    low, high = np.quantile(resampled, [_TAIL, 1 - _TAIL]) - (resampled.mean() - ece)
    by_chance = ece <= np.quantile(calibrated, 1 - _TAIL)
    return CalibrationError(ece, 0.0 if by_chance else max(0.0, float(low)), float(high))


def reliability(outcomes: Outcomes) -> Reliability:
    """Return the accuracy at each level of confidence, with Wilson's interval (1927).

    The bins are equally wide in the logarithm of the doubt, 1 - confidence: two to a factor of ten. Most images of
    MNIST leave less than 0.1 % of doubt, and most mistakes are made with more than 10 %.
    """
    confidence = outcomes.confidence.astype(np.float64)
    bins = np.searchsorted(-_DOUBTS, confidence - 1)  # (n,) from 0, the least sure
    counts = np.bincount(bins)
    held = counts > 0
    images = counts[held]
    accuracy = np.bincount(bins, weights=outcomes.right)[held] / images
    centre = (accuracy + _Z**2 / (2 * images)) / (1 + _Z**2 / images)
    half = _Z * np.sqrt(accuracy * (1 - accuracy) / images + _Z**2 / (4 * images**2)) / (1 + _Z**2 / images)
    mean = np.bincount(bins, weights=confidence)[held] / images
    return Reliability(mean, accuracy, np.maximum(centre - half, 0), np.minimum(centre + half, 1), images)


def summary(outcomes: Outcomes) -> dict[str, float]:
    """Return the metrics of one subset, by the names that metrics/*.json use."""
    ece, low, high = calibration_error(outcomes)
    values = {
        "accuracy": outcomes.right.mean(),
        "loss": outcomes.loss.mean(),  # the negative log-likelihood
        "brier": outcomes.brier.mean(),  # Brier, "Verification of forecasts expressed in terms of probability", 1950
        "ece": ece,
        "ece_low": low,
        "ece_high": high,
    }
    return {name: round(float(value), _PLACES) for name, value in values.items()}
