"""The verdict on head: its changes since base, its floors, and notes for the reader."""

from dataclasses import dataclass
from typing import Literal

from checks.gate.changes import Change, assess
from checks.gate.comparability import Pair, check_source, read_pairs
from checks.gate.results import Results
from checks.gate.settings import settle
from checks.gate.snapshot import Snapshot
from stages.artifacts.errors import PipelineError


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
    """The complete result of the gate."""

    base: str
    head: str
    subset: Literal["test", "validation"]
    images: int
    alpha: float
    identical: bool  # all predictions and losses are the same
    changes: list[Change]
    floors: list[Floor]
    loosened: list[str]  # settings by which head is assessed although base has stricter ones
    notes: list[str]
    pairs: dict[str, Pair]  # the results compared, by network

    @property
    def regressions(self) -> dict[str, list[str]]:
        """The measures that are a regression, by network."""
        worse: dict[str, list[str]] = {}
        for change in self.changes:
            if change.regression:
                worse.setdefault(change.network, []).append(change.measure)
        for floor in self.floors:
            if floor.regression:
                worse.setdefault(floor.network, []).append("below its floor")
        return worse


def compare(base: Snapshot, head: Snapshot, accept_looser: bool = False) -> Comparison:
    """Compare head with base, by the stricter settings of both, or by those of head if looser ones are accepted.

    A regression remains one if the files contradict each other; if there is none, a contradiction that may hide one is
    an error. Raises PipelineError if the two cannot be compared.
    """
    gate, loosened, settings_notes = settle([base], head, accept_looser)
    pairs = read_pairs(base, head)
    first = next(iter(pairs.values())).head
    unknown_source = check_source(base, head, first.subset)
    identical = all(pair.head.identical(pair.base) for pair in pairs.values())
    comparison = Comparison(
        base=base.name,
        head=head.name,
        subset=first.subset,
        images=len(first.actual),
        alpha=gate.alpha,
        identical=identical,
        changes=[change for name, pair in pairs.items() for change in assess(name, pair, gate.alpha, len(pairs))],
        floors=[Floor(name, _lower_accuracy(pair.head), getattr(gate.floor, name)) for name, pair in pairs.items()],
        loosened=loosened,
        notes=[
            *unknown_source,
            *(found.message for pair in pairs.values() for side in pair for found in side.contradictions),
            *_same_commit(base, head, identical),
            *settings_notes,
        ],
        pairs=pairs,
    )
    hiding = _hiding(pairs)
    if hiding and not comparison.regressions:
        raise PipelineError(hiding[0])
    return comparison


def _lower_accuracy(results: Results) -> float:
    """Return the accuracy by the rows or by the metrics, whichever is lower: they differ only by a contradiction."""
    return min(float(results.correct.mean()), results.metrics[f"{results.subset}.accuracy"])


def _hiding(pairs: dict[str, Pair]) -> list[str]:
    """Return the contradictions that may hide a drop: base is better, or head worse, than its rows show."""
    found = [found for pair in pairs.values() for found in pair.base.contradictions if found.better]
    found += [found for pair in pairs.values() for found in pair.head.contradictions if found.worse]
    return [contradiction.message for contradiction in found]


def _same_commit(base: Snapshot, head: Snapshot, identical: bool) -> list[str]:
    """Warn of a comparison that can find nothing, such as that of a branch with itself in CI."""
    if not identical or base.commit != head.commit:
        return []
    return [f"{head.name} is at the commit {base.name} itself: to assess a branch, compare it with its merge base"]
