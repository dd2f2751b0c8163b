"""The gate's verdict on a side: its changes against another side, its floors, and what a reader has to know beside.

The gate's settings are those of the side that is judged; where they are laxer than the other side's, a note says so.
"""

from dataclasses import dataclass, fields

from checks.gate.changes import Change, judge
from checks.gate.comparability import Pair, check_source, read_pairs
from checks.gate.results import Results
from checks.gate.snapshot import Snapshot
from stages.artifacts.errors import PipelineError
from stages.config.params import PARAMS_FILE
from stages.ingest.gate_params import FloorParams, GateParams, parse_gate


@dataclass(frozen=True)
class Floor:
    """A network's accuracy against the least that params.yaml allows: absolute, no test."""

    network: str
    accuracy: float
    least: float

    @property
    def regression(self) -> bool:
        return self.accuracy < self.least


@dataclass(frozen=True)
class Comparison:
    """Everything there is to say about two sides."""

    base: str
    head: str
    subset: str  # "test" or "validation"
    images: int
    alpha: float
    identical: bool  # every prediction and every loss is the same
    changes: list[Change]
    floors: list[Floor]
    notes: list[str]
    pairs: dict[str, Pair]  # what was compared, by network

    @property
    def regressions(self) -> dict[str, list[str]]:
        """What is a regression, by network; empty where nothing is."""
        worse: dict[str, list[str]] = {}
        for change in self.changes:
            if change.regression:
                worse.setdefault(change.network, []).append(change.measure)
        for floor in self.floors:
            if floor.regression:
                worse.setdefault(floor.network, []).append("below its floor")
        return worse


def compare(base: Snapshot, head: Snapshot) -> Comparison:
    """Hold head against base, by the gate that head's params.yaml sets.

    A regression is one, whatever else is wrong; where there is none, files that contradict each other must not hide
    one. Raises PipelineError where the two cannot be compared.
    """
    gate = _gate(head)
    pairs = read_pairs(base, head)
    first = next(iter(pairs.values())).head
    unsure = check_source(base, head, first.subset)
    identical = all(pair.head.identical(pair.base) for pair in pairs.values())
    comparison = Comparison(
        base=base.name,
        head=head.name,
        subset=first.subset,
        images=len(first.actual),
        alpha=gate.alpha,
        identical=identical,
        changes=[change for name, pair in pairs.items() for change in judge(name, pair, gate.alpha, len(pairs))],
        floors=[Floor(name, _least_accuracy(pair.head), getattr(gate.floor, name)) for name, pair in pairs.items()],
        notes=unsure + _doubts(pairs) + _same_commit(base, head, identical) + _laxer(base, gate),
        pairs=pairs,
    )
    hiding = _hiding(pairs)
    if hiding and not comparison.regressions:
        raise PipelineError(hiding[0])
    return comparison


def _least_accuracy(results: Results) -> float:
    """Return what the rows or metrics.json say, whichever is less: they are the same, but for a contradiction."""
    return min(float(results.correct.mean()), results.metrics[f"{results.subset}.accuracy"])


def _doubts(pairs: dict[str, Pair]) -> list[str]:
    return [doubt.message for pair in pairs.values() for side in pair for doubt in side.doubts]


def _hiding(pairs: dict[str, Pair]) -> list[str]:
    """Return the contradictions behind which a drop may hide: base is better, or head worse, than its rows say."""
    doubts = [doubt for pair in pairs.values() for doubt in pair.base.doubts if doubt.better]
    doubts += [doubt for pair in pairs.values() for doubt in pair.head.doubts if doubt.worse]
    return [doubt.message for doubt in doubts]


def _gate(snapshot: Snapshot) -> GateParams:
    if PARAMS_FILE.name not in snapshot.files:
        raise PipelineError(f"{snapshot.name} has no {PARAMS_FILE}, which sets alpha and the floors")
    return parse_gate(snapshot.files[PARAMS_FILE.name], f"{PARAMS_FILE} of {snapshot.name}")


def _same_commit(base: Snapshot, head: Snapshot, identical: bool) -> list[str]:
    """Warn of the comparison that can find nothing, as of a branch with itself in CI."""
    if not identical or base.commit != head.commit:
        return []
    return [f"{head.name} stands on the commit {base.name} itself: to judge a branch, take its merge base"]


def _laxer(base: Snapshot, gate: GateParams) -> list[str]:
    """Name what lets through more than at base, where base has a gate of this form at all."""
    try:
        before = _gate(base)
    except PipelineError:
        return []
    names = [field.name for field in fields(FloorParams)]
    settings = {"alpha": (before.alpha, gate.alpha)}
    settings |= {f"floor.{name}": (getattr(before.floor, name), getattr(gate.floor, name)) for name in names}
    return [f"gate.{name} was lowered from {was:g} to {now:g}" for name, (was, now) in settings.items() if now < was]
