"""A comparison as text: for the terminal, for a pull request, for a program. Decides nothing."""

import json

from tabulate import tabulate

from checks.gate.changes import LOSS, Change
from checks.gate.statistics import CONFIDENCE
from checks.gate.verdict import Comparison, Floor
from checks.markdown import table

_HEADINGS = (
    "network", "measure", "base", "head", "difference", f"{CONFIDENCE:.0%} interval", "lost", "gained", "p",
    "p corrected", "verdict",
)  # fmt: skip
_LEGEND = (
    "lost, gained: images that only base, only head classifies correctly; p: probability of such a drop if there is no "
    "difference; recall: each digit that regressed, or the one with the smallest p"
)


def conclusion(comparison: Comparison) -> str:
    """Return the verdict as one line."""
    looser = "; by a LOOSER GATE than that of base" if comparison.loosened else ""
    return f"{_finding(comparison)}{looser}"


def _finding(comparison: Comparison) -> str:
    if comparison.regressions:
        return "REGRESSION: " + "; ".join(f"{name}: {', '.join(what)}" for name, what in comparison.regressions.items())
    if comparison.identical:
        return "no difference: all predictions and losses are the same"
    worst = min(comparison.changes, key=lambda change: (change.p_corrected, change.measured.p))
    return (
        f"no regression: the smallest p is {_p(worst.measured.p)} ({worst.measure} of {worst.network}), corrected for "
        f"all {len(comparison.changes)} tests {_p(worst.p_corrected)}, above alpha = {comparison.alpha:g}"
    )


def shown(changes: list[Change]) -> list[Change]:
    """Return the rows for a person: of a network's recalls those that regressed, or the one with the smallest p."""
    rows = []
    for network in dict.fromkeys(change.network for change in changes):
        own = [change for change in changes if change.network == network]
        recalls = [change for change in own if change.measure.startswith("recall")]
        rows += [change for change in own if change not in recalls]
        rows += [change for change in recalls if change.regression] or [
            min(recalls, key=lambda change: change.measured.p)
        ]
    return rows


def text(comparison: Comparison) -> str:
    rows = map(_row, shown(comparison.changes))
    return "\n".join(
        [
            f"{comparison.base} -> {comparison.head}: {comparison.images:,} {comparison.subset} images\n",
            tabulate(rows, _HEADINGS, tablefmt="plain", disable_numparse=True),
            f"({_LEGEND})\n",
            *map(_floor_line, comparison.floors),
            *(f"LOOSER GATE: {setting}" for setting in comparison.loosened),
            *(f"note: {note}" for note in comparison.notes),
            "",
            conclusion(comparison),
        ]
    )


def markdown(comparison: Comparison) -> str:
    return "\n".join(
        [
            f"**{conclusion(comparison)}**\n",
            f"`{comparison.base}` -> `{comparison.head}`: {comparison.images:,} {comparison.subset} images\n",
            f"{table(_HEADINGS, [_markdown_row(change) for change in shown(comparison.changes)])}\n",
            f"{_LEGEND}\n",
            *(f"- {_floor_line(floor)}" for floor in comparison.floors),
            *(f"- **LOOSER GATE: {setting}**" for setting in comparison.loosened),
            *(f"- note: {note}" for note in comparison.notes),
        ]
    )


def as_json(comparison: Comparison) -> str:
    """Return the complete comparison, with every recall, for a program."""
    tree = {
        **{name: value for name, value in vars(comparison).items() if name != "pairs"},
        "conclusion": conclusion(comparison),
        "regressions": comparison.regressions,
        "changes": [_change_tree(change) for change in comparison.changes],
        "floors": [{**vars(floor), "regression": floor.regression} for floor in comparison.floors],
    }
    return json.dumps(tree, indent=2, allow_nan=False)


def _row(change: Change) -> tuple[str, ...]:
    value, signed = ("{:.5f}", "{:+.5f}") if change.measure == LOSS else ("{:.3%}", "{:+.3%}")
    measured = change.measured
    low, high = map(signed.format, measured.interval)
    return (
        change.network,
        change.measure,
        value.format(measured.base),
        value.format(measured.head),
        signed.format(change.difference),
        f"{low} to {high}",
        f"{measured.pairs.lost}" if measured.pairs else "",
        f"{measured.pairs.gained}" if measured.pairs else "",
        _p(measured.p),
        _p(change.p_corrected),
        change.verdict,
    )


def _markdown_row(change: Change) -> list[str]:
    return [f"**{cell}**" if cell and change.regression else cell for cell in _row(change)]


def _change_tree(change: Change) -> dict:
    measured = change.measured._asdict()
    pairs = measured.pop("pairs")
    return {
        "network": change.network,
        "measure": change.measure,
        **measured,
        "difference": change.difference,
        "lost": pairs and pairs.lost,
        "gained": pairs and pairs.gained,
        "p_corrected": change.p_corrected,
        "verdict": change.verdict,
    }


def _floor_line(floor: Floor) -> str:
    verdict = "BELOW" if floor.regression else "not below"
    return f"{floor.network}: accuracy {floor.accuracy:.4%}, {verdict} its floor of {floor.minimum:.4%}"


def _p(p: float) -> str:
    return "<0.0001" if p < 0.0001 else f"{p:.2g}"
