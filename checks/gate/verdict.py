"""The verdict on head: its changes since each base, its floors, and notes for the reader. Reads nothing."""

from dataclasses import dataclass
from typing import Literal

from checks.gate.changes import Change
from checks.gate.comparability import Pair
from checks.gate.rows import Selection


@dataclass(frozen=True)
class Floor:
    """A network's accuracy and the minimum in params.yaml: an absolute limit, not a test."""

    network: str
    accuracy: float
    minimum: float

    @property
    def regression(self) -> bool:
        return self.accuracy < self.minimum


@dataclass(frozen=True)
class Comparison:
    """Head and one base on the same images."""

    base: str
    pairs: dict[str, Pair]  # the results compared, by network
    changes: list[Change]

    @property
    def identical(self) -> bool:
        """Whether all predictions and losses are the same."""
        return all(pair.head.identical(pair.base) for pair in self.pairs.values())


@dataclass(frozen=True)
class Verdict:
    """The complete result of the gate."""

    head: str
    subset: Literal["test", "validation"]
    selection: Selection  # of the images
    alpha: float
    strict: bool  # what is not decided fails, too
    comparisons: list[Comparison]  # with BASE first
    floors: list[Floor]
    loosened: list[str]  # settings by which head is assessed although a base has stricter ones
    notes: list[str]

    @property
    def pairs(self) -> dict[str, Pair]:
        """The results compared with BASE, by network."""
        return self.comparisons[0].pairs

    @property
    def changes(self) -> list[Change]:
        return [change for comparison in self.comparisons for change in comparison.changes]

    @property
    def identical(self) -> bool:
        return all(comparison.identical for comparison in self.comparisons)

    @property
    def regressions(self) -> dict[str, list[str]]:
        """The measures that are a regression, by network; of several bases, with the name of the base."""
        worse = self._measures([change for change in self.changes if change.regression])
        for floor in self.floors:
            if floor.regression:
                worse.setdefault(floor.network, []).append("below its floor")
        return worse

    @property
    def without_gain(self) -> dict[str, list[str]]:
        """The measures of which gate.metrics asks for a gain that is not shown, by network."""
        return self._measures([change for change in self.changes if change.without_gain])

    @property
    def undecided(self) -> dict[str, list[str]]:
        """The measures of which neither a drop was found nor one of more than the margin is excluded, by network."""
        return self._measures([change for change in self.changes if change.undecided])

    @property
    def failed(self) -> bool:
        return bool(self.regressions or self.without_gain or (self.strict and self.undecided))

    def _measures(self, changes: list[Change]) -> dict[str, list[str]]:
        named: dict[str, list[str]] = {}
        for change in changes:
            against = f" (against {change.base})" if len(self.comparisons) > 1 else ""
            named.setdefault(change.network, []).append(f"{change.measure}{against}")
        return named
