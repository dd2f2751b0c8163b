"""How good predicted probabilities are, given the labels. Pure functions of arrays."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from stages.artifacts.images import CLASSES
from stages.inference.losses import losses

BINS = 15  # of the calibration error, as Guo et al. have it

_PLACES = 5  # finer digits are noise
_DRAWS = 1000  # of the calibration error's interval
_TAIL = 0.025  # of an interval, on each side
_DOUBTS = 10.0 ** (-np.arange(1, 9) / 2)  # where one bin of the reliability diagram ends: 32 %, 10 %, ..., 0.01 %


class PredictionResults(NamedTuple):
    """The predictions of n images, next to their labels."""

    actual: np.ndarray  # (n,) uint8 digits
    predicted: np.ndarray  # (n,) uint8 digits
    confidence: np.ndarray  # (n,) float32: the probability of the predicted digit
    loss: np.ndarray  # (n,) float64: cross-entropy in nats
    brier: np.ndarray  # (n,) float64: squared distance from the one-hot label, summed over the digits: 0 to 2

    @property
    def correct(self) -> np.ndarray:
        """(n,) bool."""
        return self.predicted == self.actual

    @property
    def accuracy(self) -> float:
        return float(accuracy_score(self.actual, self.predicted))


class CalibrationError(NamedTuple):
    """How far confidence and accuracy are apart on average, with the 95 % interval of that."""

    ece: float
    low: float
    high: float


class Reliability(NamedTuple):
    """A reliability diagram: a row for each bin that holds images, the least confident first."""

    confidence: np.ndarray  # (bins,) float64: the mean probability of the predicted digit
    accuracy: np.ndarray  # (bins,) float64
    accuracy_low: np.ndarray  # (bins,) float64: its 95 % interval
    accuracy_high: np.ndarray  # (bins,) float64
    images: np.ndarray  # (bins,) int64: how many


def prediction_results(labels: np.ndarray, probabilities: np.ndarray) -> PredictionResults:
    """Return the results of (n, 10) probabilities, given (n,) uint8 labels, image by image."""
    predicted = probabilities.argmax(axis=1).astype(np.uint8)
    loss, squares = losses(labels, probabilities), (probabilities - np.eye(CLASSES)[labels]) ** 2
    return PredictionResults(labels, predicted, probabilities.max(axis=1), loss, squares.sum(axis=1))


def summary(results: PredictionResults) -> dict[str, float]:
    """Return the figures of one subset, by the names that metrics/*.json use: accuracy, and loss in nats."""
    return _rounded({"accuracy": results.accuracy, "loss": results.loss.mean()})


def calibration(results: PredictionResults) -> dict[str, float]:
    """Return what calibration.csv has of one subset: Brier score (0 to 2), calibration error and its 95 % interval.

    Brier, "Verification of forecasts expressed in terms of probability", 1950, summed over the digits.
    """
    ece, low, high = calibration_error(results)
    return _rounded({"brier": results.brier.mean(), "ece": ece, "ece_low": low, "ece_high": high})


def by_digit(results: PredictionResults) -> pd.DataFrame:
    """Return a row for each digit that occurs: digit, precision, recall, f1, and support, the number of its images."""
    digits = np.unique(results.actual)
    columns = precision_recall_fscore_support(results.actual, results.predicted, labels=digits, zero_division=0)
    return pd.DataFrame(dict(zip(("digit", "precision", "recall", "f1", "support"), (digits, *columns), strict=True)))


def confusion(results: PredictionResults) -> np.ndarray:
    """Return (10, 10) counts: a row is an actual digit, a column a predicted one."""
    return confusion_matrix(results.actual, results.predicted, labels=range(CLASSES))


def calibration_error(results: PredictionResults) -> CalibrationError:
    """Return the expected calibration error of the predicted digit (Guo et al., "On calibration", 2017).

    In bins of equally many images, not of equal width: 98 % of MNIST's images would share the topmost of those, where
    doubt and overconfidence cancel (Nixon et al., "Measuring calibration", 2019), and equal mass is the less biased
    (Roelofs et al., "Mitigating bias in calibration error estimation", 2022).

    The interval holds the middle 95 % of bootstrap samples, drawn within the bins. As resampling adds noise, which an
    absolute value never averages out, they are moved down by what their mean is too high. The interval begins at 0
    if a calibrated network, its labels drawn by its own confidences, would show as large an error by chance
    (Bröcker and Smith, "Increasing the reliability of reliability diagrams", 2007).
    """
    order = np.argsort(results.confidence, kind="stable")
    confidence, correct = results.confidence[order].astype(np.float64), results.correct[order]
    n, bins = len(order), min(BINS, len(order))
    starts = np.arange(bins) * n // bins
    sizes = np.diff(starts, append=n)
    start, size = np.repeat(starts, sizes), np.repeat(sizes, sizes)  # (n,) of the bin of each image

    def error(gaps: np.ndarray) -> float:
        return float(np.abs(np.add.reduceat(gaps, starts)).sum() / n)

    gaps = confidence - correct
    ece = error(gaps)
    random = np.random.RandomState(0)
    resampled, calibrated = np.empty(_DRAWS), np.empty(_DRAWS)
    for draw in range(_DRAWS):
        resampled[draw] = error(gaps[start + (random.random_sample(n) * size).astype(np.int64)])
        calibrated[draw] = error(confidence - (random.random_sample(n) < confidence))
    low, high = np.quantile(resampled, [_TAIL, 1 - _TAIL]) - (resampled.mean() - ece)
    by_chance = ece <= np.quantile(calibrated, 1 - _TAIL)
    return CalibrationError(ece, 0.0 if by_chance else max(0.0, float(low)), float(high))


def reliability(results: PredictionResults) -> Reliability:
    """Return the accuracy at each level of confidence, with Wilson's interval (1927).

    The bins are equally wide in the logarithm of the doubt, 1 - confidence: two to a factor of ten. Most images of
    MNIST leave less than 0.1 % of doubt, and most mistakes are made with more than 10 %.
    """
    confidence = results.confidence.astype(np.float64)
    bins = np.searchsorted(-_DOUBTS, confidence - 1)  # (n,) from 0, the least confident
    counts = np.bincount(bins)
    held = counts > 0
    images, correct = counts[held], np.bincount(bins, weights=results.correct)[held]
    intervals = [binomtest(int(k), int(n)).proportion_ci(method="wilson") for k, n in zip(correct, images, strict=True)]
    low, high = np.array(intervals).reshape(-1, 2).T
    return Reliability(np.bincount(bins, weights=confidence)[held] / images, correct / images, low, high, images)


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(float(value), _PLACES) for name, value in values.items()}
