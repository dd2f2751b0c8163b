"""How the gate comes to its verdict: settings, opponents, rows, changes, floors, notes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from checks.gate.changes import assess, questions
from checks.gate.comparability import Pair
from checks.gate.opponents import Opponent, committed
from checks.gate.results import Results
from checks.gate.rows import Selection, select
from checks.gate.settings import settle
from checks.gate.snapshot import Snapshot
from checks.gate.verdict import Comparison, Floor, Verdict
from stages.artifacts.errors import PipelineError
from stages.ingest.gate_params import GateParams


class Choices(NamedTuple):
    """What the person who runs the gate chooses."""

    accept_looser_gate: bool = False
    strict: bool = False
    rerun_base: bool = False  # run the networks of the bases on the test images of head
    release: bool = False  # use the rows that gate.rows leaves out


NO_CHOICE = Choices()


def judge(
    bases: Sequence[Snapshot], head: Snapshot, choices: Choices = NO_CHOICE, remarks: Sequence[str] = ()
) -> Verdict:
    """Compare head with each base, by the strictest settings of all, or by those of head if looser ones are accepted.

    A regression remains one if the files contradict each other; if there is none, a contradiction that may hide one is
    an error. `remarks` become notes. Raises PipelineError if head cannot be compared with a base.
    """
    gate, loosened, settings_notes = settle(bases, head, choices.accept_looser_gate)
    opponents = [opponent for base in bases for opponent in _opponents(base, head, choices)]
    of_head = next(iter(opponents[0].pairs.values())).head
    notes = [note for opponent in opponents for note in opponent.notes]
    pairs = [pair for opponent in opponents for pair in opponent.pairs.values()]
    notes += [found.message for pair in pairs for side in pair for found in side.contradictions]
    selection = select(gate.rows, head, of_head.subset, len(of_head.actual), choices.release)
    comparisons = _compare(opponents, selection, gate)
    notes += [*_same_commit(bases[0], head, comparisons[0].identical), *settings_notes, *remarks]
    verdict = Verdict(
        head=head.name,
        subset=of_head.subset,
        selection=selection,
        alpha=gate.alpha,
        strict=choices.strict,
        comparisons=comparisons,
        floors=[
            Floor(name, _lower_accuracy(pair.head), getattr(gate.floor, name))
            for name, pair in comparisons[0].pairs.items()
        ],
        loosened=loosened,
        notes=list(dict.fromkeys(notes)),
    )
    hiding = _hiding(pairs)
    if hiding and not verdict.regressions:
        raise PipelineError(hiding[0])
    return verdict


def _opponents(base: Snapshot, head: Snapshot, choices: Choices) -> list[Opponent]:
    if not choices.rerun_base:
        return committed(base, head)
    from checks.gate.rerun import rerun  # here, as it needs onnxruntime and scikit-learn

    return rerun(base, head)


def _compare(opponents: Sequence[Opponent], selection: Selection, gate: GateParams) -> list[Comparison]:
    """Compare the selected rows with each opponent that has any of them; all tests share alpha."""
    rows = [selection.rows if o.rows is None else np.intersect1d(selection.rows, o.rows) for o in opponents]
    used = [(opponent, selected) for opponent, selected in zip(opponents, rows, strict=True) if len(selected)]
    share = len(used) * questions(gate, opponents[0].pairs)
    comparisons = []
    for opponent, selected in used:
        pairs = {network: pair.select(selected) for network, pair in opponent.pairs.items()}
        changes = [
            change
            for network, pair in pairs.items()
            for change in assess(opponent.name, network, pair, gate, share, opponent.figure)
        ]
        comparisons.append(Comparison(opponent.name, pairs, changes))
    return comparisons


def _lower_accuracy(results: Results) -> float:
    """Return the accuracy by the rows or, if the metrics contradict them, by the metrics if that is lower."""
    accuracy = float(results.correct.mean())
    by_metrics = results.metrics[f"{results.subset}.accuracy"]
    return min(accuracy, by_metrics) if results.contradictions else accuracy


def _hiding(pairs: Sequence[Pair]) -> list[str]:
    """Return the contradictions that may hide a drop: base is better, or head worse, than its rows show."""
    found = [found for pair in pairs for found in pair.base.contradictions if found.better]
    found += [found for pair in pairs for found in pair.head.contradictions if found.worse]
    return [contradiction.message for contradiction in found]


def _same_commit(base: Snapshot, head: Snapshot, identical: bool) -> list[str]:
    """Warn of a comparison that can find nothing, such as that of a branch with itself in CI."""
    if not identical or base.commit != head.commit:
        return []
    return [f"{head.name} is at the commit {base.name} itself: to assess a branch, compare it with its merge base"]
