"""How the measures of a network changed, each with its interval, p value and verdict.

The gate asks three questions per network and base: is the accuracy lower, is the loss higher, is the recall of a digit
lower? The precision or F1 of a digit that gate.metrics limits is one more. All questions share alpha equally
(Bonferroni), and the ten recalls share the part of their question by Holm's method, so alpha bounds the probability
that all tests together reject networks that are not worse, however the tests depend on each other. `p_corrected` is p
after both corrections: a drop is a regression if it is at most alpha.

That no regression is found does not show that a network is not worse. The interval of a measure does, if it excludes a
drop of more than the margin (a test of non-inferiority, one-sided at 2.5 %); if it does not, the measure is not
decided. These tests need no correction: a network passes them only if every measure does, so one that is worse in any
measure by more than its margin passes in about 2.5 % of the cases at most (Berger, 1982, Technometrics 24:295:
intersection-union tests). The same holds for a gain that gate.metrics asks for.

A "drop" is a change for the worse, also of a measure of which less is better.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from checks.gate import statistics
from checks.gate.comparability import Pair
from checks.gate.measures import LOSS, Measured, measure
from checks.gate.opponents import Figure
from checks.gate.units import Unit, unit_of
from stages.ingest.gate_params import GateParams, LimitParams

QUESTIONS = 3  # per network and base: accuracy, loss, recalls
_CORE = ("accuracy", LOSS, "recall")  # the kinds that gate.margin limits
_RATIOS = ("precision", "f1")  # the kinds that gate.metrics may add to the tests


@dataclass(frozen=True)
class Change:
    """One measure of one network, and whether its change is a regression."""

    base: str  # the name of the base
    network: str
    measure: str  # "accuracy", LOSS, "recall of 7", "f1.7", "brier", ...
    measured: Measured
    p_corrected: float | None  # for all tests of the gate; None: it is not a test
    alpha: float
    allowed: float | None  # a drop of at most this is not a regression; None: any drop is allowed
    margin: float | None  # the interval has to exclude a drop of more than this; None: it need not
    min_gain: float | None  # ... and a gain of less than this; None: it need not
    identical: bool  # both sides have the same predictions and losses

    @property
    def unit(self) -> Unit:
        return unit_of(self.measure)

    @property
    def difference(self) -> float:
        return self.measured.head - self.measured.base

    @property
    def drop(self) -> float:
        return self.difference if self.unit.less_is_better else -self.difference

    @property
    def largest_drop(self) -> float:
        """The end of the interval on the worse side."""
        if self.measured.interval is None:
            return self.drop
        low, high = self.measured.interval
        return high if self.unit.less_is_better else -low

    @property
    def regression(self) -> bool:
        by_chance = self.p_corrected is not None and self.p_corrected > self.alpha
        return self.allowed is not None and self.drop > self.allowed and not by_chance

    @property
    def without_gain(self) -> bool:
        """Whether the gain that gate.metrics asks for is not shown."""
        return self.min_gain is not None and -self.largest_drop < self.min_gain

    @property
    def undecided(self) -> bool:
        """Whether neither a drop was found nor one of more than the margin is excluded."""
        excluded = self.margin is None or self.identical or self.largest_drop < self.margin
        return not excluded and not self.regression

    @property
    def verdict(self) -> str:
        if self.regression:
            return "REGRESSION"
        if self.min_gain is not None:
            gain = self.unit.limit(self.min_gain)
            return f"NO GAIN >= {gain}" if self.without_gain else f"gain >= {gain}"
        if self.undecided:
            return "not decided"
        if self.identical and self.measured.interval is not None:
            return "no difference"
        bound = self.allowed if self.margin is None else self.margin
        worse = "rise" if self.unit.less_is_better else "drop"
        return f"no {worse} > {self.unit.limit(bound or 0)}{' (no test)' if self.margin is None else ''}"


def _is_tested(name: str, limit: LimitParams) -> bool:
    return name.startswith(_RATIOS) and limit.max_drop is not None


def questions(gate: GateParams, networks: Iterable[str]) -> int:
    """Return the number of questions of all networks, against one base."""
    return sum(QUESTIONS + sum(_is_tested(name, limit) for name, limit in gate.metrics.of(n).items()) for n in networks)


def assess(base: str, network: str, pair: Pair, gate: GateParams, share: int, figure: Figure | None) -> list[Change]:
    """Return the changes of the accuracy, the loss, the recall of each digit that occurs, and of gate.metrics.

    share: the number of questions that share alpha. figure: returns what the pair does not give, of both sides;
    None: compare only what it gives.
    """
    identical, limits = pair.head.identical(pair.base), gate.metrics.of(network)

    def change(name: str, measured: Measured, p: float | None, shown: str | None = None) -> Change:
        limit, kind = limits.get(name), name.split(".")[0]
        scale = abs(measured.base) if limit and limit.relative else 1.0
        gain = limit.min_gain * scale if limit and limit.min_gain is not None else None
        allowed = limit.max_drop * scale if limit and limit.max_drop is not None else None
        margin = allowed if kind in _RATIOS else None
        if kind in _CORE:
            allowed, margin = 0.0, getattr(gate.margin, kind)
        p_corrected = None if p is None else min(1.0, p * share)
        return Change(base, network, shown or name, measured, p_corrected, gate.alpha, allowed, margin, gain, identical)

    accuracy, loss = measure(pair, "accuracy"), measure(pair, LOSS)
    digits = np.unique(pair.head.actual)
    recalls = [measure(pair, f"recall.{digit}") for digit in digits]
    changes = [change("accuracy", accuracy, accuracy.p), change(LOSS, loss, loss.p)]
    for digit, recall, p in zip(digits, recalls, statistics.holm([recall.p or 0 for recall in recalls]), strict=True):
        changes.append(change(f"recall.{digit}", recall, p, f"recall of {digit}"))
    for name, limit in limits.items():
        kind = name.split(".")[0]
        if kind in _RATIOS:
            measured = measure(pair, name)
            changes.append(change(name, measured, measured.p if _is_tested(name, limit) else None))
        elif kind not in _CORE and figure:
            changes.append(change(name, Measured(*figure(network, name)), None))
    return changes
