"""What became of a network's accuracy, loss and recalls, each with its interval, its p value and its verdict.

The gate asks three questions a network: is the accuracy lower, is the loss higher, is the recall of a digit lower. All
the questions share alpha equally (Bonferroni), and the digits share their question's part by Holm's method, so that
alpha bounds the chance that the whole gate stops a network that is no worse, however the tests hang together.
`p_corrected` is p after both: a drop is a regression where it is alpha or less.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from checks.gate import statistics
from checks.gate.comparability import Pair
from checks.gate.results import LOSS_UNIT
from checks.gate.statistics import Discordance

LOSS = "loss"  # the measure of which less is better
QUESTIONS = 3  # a network: accuracy, loss, recall


class Measured(NamedTuple):
    """One measure on both sides."""

    base: float  # a share in [0, 1]; nats for the loss
    head: float
    interval: tuple[float, float]  # of head - base, at statistics.CONFIDENCE
    pairs: Discordance | None  # None for the loss
    p: float  # one-sided, of this test alone


@dataclass(frozen=True)
class Change:
    """One measure of one network, judged."""

    network: str
    measure: str  # "accuracy", LOSS or "recall of 7"
    measured: Measured
    p_corrected: float  # for every test of the gate
    alpha: float  # what p_corrected is held against

    @property
    def difference(self) -> float:
        return self.measured.head - self.measured.base

    @property
    def worse(self) -> bool:
        return self.difference > 0 if self.measure == LOSS else self.difference < 0

    @property
    def regression(self) -> bool:
        return self.worse and self.p_corrected <= self.alpha

    @property
    def verdict(self) -> str:
        if self.worse:
            return "REGRESSION" if self.regression else "within the noise"
        return "not worse" if self.difference else "no difference"


def judge(network: str, pair: Pair, alpha: float, networks: int) -> list[Change]:
    """Return the change of the accuracy, of the loss, and of the recall of each digit that occurs.

    `networks` is how many share alpha.
    """
    digits = np.unique(pair.head.actual)
    accuracy = _hits(pair, np.ones(len(pair.head.actual), bool))
    loss = _losses(pair)
    recalls = [_hits(pair, pair.head.actual == digit) for digit in digits]
    answers = [("accuracy", accuracy, accuracy.p), (LOSS, loss, loss.p)]
    for digit, recall, p in zip(digits, recalls, statistics.holm([recall.p for recall in recalls]), strict=True):
        answers.append((f"recall of {digit}", recall, p))
    questions = QUESTIONS * networks
    return [Change(network, measure, measured, min(1.0, p * questions), alpha) for measure, measured, p in answers]


def _hits(pair: Pair, chosen: np.ndarray) -> Measured:
    """Measure the share of hits among the (n,) bool chosen images."""
    base, head = pair.base.correct[chosen], pair.head.correct[chosen]
    pairs = statistics.discordance(base, head)
    interval = statistics.difference_interval(pairs)
    return Measured(float(base.mean()), float(head.mean()), interval, pairs, statistics.mcnemar(pairs))


def _losses(pair: Pair) -> Measured:
    base, head = pair.base.losses, pair.head.losses
    interval = statistics.mean_interval((head - base) * LOSS_UNIT)
    p = float(statistics.sign_flip(head - base))
    return Measured(float(base.mean() * LOSS_UNIT), float(head.mean() * LOSS_UNIT), interval, None, p)
