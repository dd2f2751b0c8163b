"""How a network's accuracy, loss and recalls changed, each with its interval, p value and verdict.

The gate asks three questions per network and base: is the accuracy lower, is the loss higher, is the recall of a digit
lower? All questions share alpha equally (Bonferroni), and the ten recalls share the part of their question by Holm's
method, so alpha bounds the probability that the whole gate rejects networks that are not worse, however the tests
depend on each other. `p_corrected` is p after both corrections: a drop is a regression if it is at most alpha.

That no regression is found does not show that a network is not worse. The interval of a measure does, if it excludes a
drop of more than the margin (a test of non-inferiority, one-sided at 2.5 %); if it does not, the measure is not
decided. These tests need no correction: a network passes them only if every measure does, so one that is worse in any
measure by more than its margin passes in at most 2.5 % of the cases (Berger, 1982, Technometrics 24:295:
intersection-union tests).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from checks.gate import statistics
from checks.gate.comparability import Pair
from checks.gate.results import LOSS_UNIT
from checks.gate.statistics import Discordance
from stages.ingest.gate_params import GateParams

LOSS = "loss"  # the only measure of which less is better
QUESTIONS = 3  # per network and base: accuracy, loss, recalls


class Measured(NamedTuple):
    """One measure on both sides."""

    base: float  # in [0, 1]; the loss in nats
    head: float
    interval: tuple[float, float]  # of head - base, at statistics.CONFIDENCE
    pairs: Discordance | None  # None for the loss
    p: float  # one-sided, of this test alone


@dataclass(frozen=True)
class Change:
    """One measure of one network, and whether its change is a regression."""

    base: str  # the name of the base
    network: str
    measure: str  # "accuracy", LOSS or "recall of 7"
    measured: Measured
    p_corrected: float  # for all tests of the gate
    gate: GateParams
    identical: bool  # both sides have the same predictions and losses

    @property
    def difference(self) -> float:
        return self.measured.head - self.measured.base

    @property
    def margin(self) -> float:
        return getattr(self.gate.margin, self.measure.split()[0])

    @property
    def regression(self) -> bool:
        worse = self.difference > 0 if self.measure == LOSS else self.difference < 0
        return worse and self.p_corrected <= self.gate.alpha

    @property
    def excluded(self) -> bool:
        """Whether head is not worse by more than the margin."""
        low, high = self.measured.interval
        return self.identical or (high < self.margin if self.measure == LOSS else low > -self.margin)

    @property
    def undecided(self) -> bool:
        return not self.regression and not self.excluded

    @property
    def verdict(self) -> str:
        if self.regression:
            return "REGRESSION"
        if self.undecided:
            return "not decided"
        if self.identical:
            return "no difference"
        return f"no rise > {self.margin:g}" if self.measure == LOSS else f"no drop > {100 * self.margin:g}%"


def assess(base: str, network: str, pair: Pair, gate: GateParams, pairs: int) -> list[Change]:
    """Return the changes of the accuracy, the loss, and the recall of each digit that occurs.

    `pairs` is the number of networks, times that of bases, that share alpha.
    """
    digits = np.unique(pair.head.actual)
    accuracy = _measure_accuracy(pair, np.ones(len(pair.head.actual), bool))
    loss = _measure_loss(pair)
    recalls = [_measure_accuracy(pair, pair.head.actual == digit) for digit in digits]
    answers = [("accuracy", accuracy, accuracy.p), (LOSS, loss, loss.p)]
    for digit, recall, p in zip(digits, recalls, statistics.holm([recall.p for recall in recalls]), strict=True):
        answers.append((f"recall of {digit}", recall, p))
    questions = QUESTIONS * pairs
    identical = pair.head.identical(pair.base)
    return [
        Change(base, network, measure, measured, min(1.0, p * questions), gate, identical)
        for measure, measured, p in answers
    ]


def _measure_accuracy(pair: Pair, selected: np.ndarray) -> Measured:
    """Measure the accuracy on the images that `selected`, (n,) bool, marks; on those of one digit it is the recall."""
    base, head = pair.base.correct[selected], pair.head.correct[selected]
    pairs = statistics.discordance(base, head)
    interval = statistics.difference_interval(pairs)
    return Measured(float(base.mean()), float(head.mean()), interval, pairs, statistics.mcnemar(pairs))


def _measure_loss(pair: Pair) -> Measured:
    base, head = pair.base.losses, pair.head.losses
    interval = statistics.mean_interval((head - base) * LOSS_UNIT)
    p = float(statistics.sign_flip(head - base))
    return Measured(float(base.mean() * LOSS_UNIT), float(head.mean() * LOSS_UNIT), interval, None, p)
