"""The measures that the predictions and losses give, image by image: accuracy, loss, recall, precision and F1."""

from typing import NamedTuple

import numpy as np

from checks.gate import statistics
from checks.gate.comparability import Pair
from checks.gate.results import LOSS_UNIT, Results
from checks.gate.statistics import Discordance

LOSS = "loss"


class Measured(NamedTuple):
    """One measure on both sides."""

    base: float
    head: float
    interval: tuple[float, float] | None = None  # of head - base, at statistics.CONFIDENCE; None: it is not a test
    pairs: Discordance | None = None  # if the measure is a share of correct images
    p: float | None = None  # one-sided, of this test alone


def measure(pair: Pair, name: str) -> Measured:
    """Measure "accuracy", LOSS, "recall.7", "precision.7" or "f1.7"."""
    kind, _, digit = name.partition(".")
    if kind == LOSS:
        return _loss(pair)
    if kind == "accuracy":
        return _share(pair, np.ones(len(pair.head.actual), bool))
    if kind == "recall":
        return _share(pair, pair.head.actual == int(digit))
    return _ratio(pair, kind, int(digit))


def _share(pair: Pair, selected: np.ndarray) -> Measured:
    """Measure the accuracy on the images that `selected`, (n,) bool, marks; on those of one digit it is the recall."""
    base, head = pair.base.correct[selected], pair.head.correct[selected]
    pairs = statistics.discordance(base, head)
    interval = statistics.difference_interval(pairs)
    return Measured(float(base.mean()), float(head.mean()), interval, pairs, statistics.mcnemar(pairs))


def _loss(pair: Pair) -> Measured:
    base, head = pair.base.losses, pair.head.losses
    interval = statistics.mean_interval((head - base) * LOSS_UNIT)
    p = float(statistics.sign_flip(head - base))
    return Measured(float(base.mean() * LOSS_UNIT), float(head.mean() * LOSS_UNIT), interval, None, p)


def _ratio(pair: Pair, kind: str, digit: int) -> Measured:
    """Measure the precision or the F1 of a digit, each a ratio of two sums over the images.

    Its test flips signs as that of the loss does: it swaps the two results of an image at random. Its interval is that
    of the mean of the images' influences on the ratio (the delta method).
    """
    base, head = _terms(pair.base, kind, digit), _terms(pair.head, kind, digit)  # (n, 2) int64
    both, change = (base + head).sum(axis=0), head - base
    sums = np.vstack([change.sum(axis=0), statistics.flipped_sums(change)])  # (1 + flips, 2); twice those of one side
    drops = _divide((both - sums).T) - _divide((both + sums).T)
    p = float((drops >= drops[0]).mean())
    values = [float(_divide(terms.sum(axis=0))) for terms in (base, head)]
    influences = [
        (terms[:, 0] - value * terms[:, 1]) / max(1, terms[:, 1].sum()) * len(terms)
        for terms, value in zip((base, head), values, strict=True)
    ]
    low, high = statistics.mean_interval(influences[1] - influences[0])
    difference = values[1] - values[0]
    return Measured(values[0], values[1], (low + difference, high + difference), None, p)


def _terms(results: Results, kind: str, digit: int) -> np.ndarray:
    """Return the (n, 2) int64 terms of the ratio's numerator and denominator."""
    predicted, actual = results.predicted == digit, results.actual == digit
    correct = (predicted & actual).astype(np.int64)
    if kind == "precision":
        return np.column_stack([correct, predicted])
    return np.column_stack([2 * correct, predicted.astype(np.int64) + actual])


def _divide(sums: np.ndarray) -> np.ndarray:
    """Divide (2, ...) sums; 0 if the denominator is, as of a digit that is never predicted."""
    return sums[0] / np.maximum(sums[1], 1)
