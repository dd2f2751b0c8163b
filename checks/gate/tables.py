"""A verdict as text: for the terminal, for a pull request, for a program. Decides nothing."""

import json

from tabulate import tabulate

from checks.gate.changes import Change
from checks.gate.statistics import CONFIDENCE
from checks.gate.verdict import Floor, Verdict
from checks.markdown import table

_HEADINGS = (
    "network", "measure", "verdict", "base", "head", "difference", f"{CONFIDENCE:.0%} interval", "lost", "gained", "p",
    "p corrected",
)  # fmt: skip
_LEGEND = (
    "lost, gained: images that only base, only head classifies correctly; p: probability of such a drop if there is no "
    "difference; no drop > x: the interval excludes a drop of more than gate.margin; not decided: it does not; no test:"
    " a plain difference and its limit; recall: each digit that regressed, or the one with the smallest p of those not "
    "decided, or of all"
)


def conclusion(verdict: Verdict) -> str:
    """Return the verdict as one line."""
    looser = "; by a LOOSER GATE than that of base" if verdict.loosened else ""
    return f"{_finding(verdict)}{looser}"


def _finding(verdict: Verdict) -> str:
    failures = {"REGRESSION": verdict.regressions, "NO GAIN, as gate.metrics asks for": verdict.without_gain}
    if any(failures.values()):
        return "; ".join(f"{failure}: {_listed(measures)}" for failure, measures in failures.items() if measures)
    if verdict.identical:
        return "no difference: all predictions and losses are the same"
    if verdict.failed:
        return f"NOT DECIDED: {_listed(verdict.undecided)}: no regression found, nor a drop of its margin excluded"
    tests = [(c.p_corrected, c.measured.p or 0.0, c) for c in verdict.changes if c.p_corrected is not None]
    p_corrected, p, worst = min((test for test in tests if test[0] > verdict.alpha), key=lambda test: test[:2])
    found = (
        f"no regression found: the smallest p is {_p(p)} ({worst.measure} of {worst.network}), corrected for all "
        f"{len(tests)} tests {_p(p_corrected)}, above alpha = {verdict.alpha:g}"
    )
    if verdict.undecided:
        return f"{found}; not decided whether a drop exceeds its margin: {_listed(verdict.undecided)}"
    return f"{found}; drops of more than the margins are excluded"


def _listed(measures: dict[str, list[str]]) -> str:
    return "; ".join(f"{network}: {', '.join(names)}" for network, names in measures.items())


def shown(changes: list[Change]) -> list[Change]:
    """Return the rows for a person: of a network's recalls those that regressed, or the most doubtful one."""
    rows = []
    for pair in dict.fromkeys((change.base, change.network) for change in changes):
        own = [change for change in changes if (change.base, change.network) == pair]
        recalls = [change for change in own if change.measure.startswith("recall")]
        worst = min(recalls, key=lambda change: (not change.undecided, change.measured.p))
        marked = [change for change in recalls if change.regression or change.min_gain is not None] or [worst]
        rows += [change for change in own if change not in recalls or change in marked]
    return rows


def text(verdict: Verdict) -> str:
    headings, rows = _cells(verdict)
    return "\n".join(
        [
            f"{_bases(verdict)} -> {verdict.head}: {_images(verdict)}\n",
            tabulate(rows, headings, tablefmt="plain", disable_numparse=True),
            f"({_LEGEND})\n",
            *map(_floor_line, verdict.floors),
            *(f"LOOSER GATE: {setting}" for setting in verdict.loosened),
            *(f"note: {note}" for note in verdict.notes),
            "",
            conclusion(verdict),
        ]
    )


def markdown(verdict: Verdict) -> str:
    headings, rows = _cells(verdict, bold="**{}**")
    return "\n".join(
        [
            f"**{conclusion(verdict)}**\n",
            f"`{_bases(verdict)}` -> `{verdict.head}`: {_images(verdict)}\n",
            f"{table(headings, rows)}\n",
            f"{_LEGEND}\n",
            *(f"- {_floor_line(floor)}" for floor in verdict.floors),
            *(f"- **LOOSER GATE: {setting}**" for setting in verdict.loosened),
            *(f"- note: {note}" for note in verdict.notes),
        ]
    )


def as_json(verdict: Verdict) -> str:
    """Return the complete verdict, with every recall, for a program."""
    tree = {
        **{name: value for name, value in vars(verdict).items() if name not in ("comparisons", "selection")},
        "images": len(verdict.selection.rows),
        "rows": verdict.selection.setting,
        "release": verdict.selection.release,
        "bases": [comparison.base for comparison in verdict.comparisons],
        "identical": verdict.identical,
        "conclusion": conclusion(verdict),
        "failed": verdict.failed,
        "regressions": verdict.regressions,
        "without_gain": verdict.without_gain,
        "undecided": verdict.undecided,
        "changes": [_change_tree(change) for change in verdict.changes],
        "floors": [{**vars(floor), "regression": floor.regression} for floor in verdict.floors],
    }
    return json.dumps(tree, indent=2, allow_nan=False)


def _row(change: Change) -> list[str]:
    measured, unit = change.measured, change.unit
    return [
        change.network,
        change.measure,
        change.verdict,
        unit.value(measured.base),
        unit.value(measured.head),
        unit.change(change.difference),
        " to ".join(map(unit.change, measured.interval)) if measured.interval else "",
        f"{measured.pairs.lost}" if measured.pairs else "",
        f"{measured.pairs.gained}" if measured.pairs else "",
        _p(measured.p),
        _p(change.p_corrected),
    ]


def _cells(verdict: Verdict, bold: str = "{}") -> tuple[list[str], list[list[str]]]:
    """Return the headings and the rows of the table, those that regressed in bold; the base only if there are two."""
    several = len(verdict.comparisons) > 1
    rows = []
    for change in shown(verdict.changes):
        cells = [change.base, *_row(change)] if several else _row(change)
        rows.append(
            [bold.format(cell) if cell and (change.regression or change.without_gain) else cell for cell in cells]
        )
    return ["against", *_HEADINGS] if several else list(_HEADINGS), rows


def _images(verdict: Verdict) -> str:
    return f"{len(verdict.selection.rows):,} {verdict.subset} images{verdict.selection.words}"


def _bases(verdict: Verdict) -> str:
    return ", ".join(comparison.base for comparison in verdict.comparisons)


def _change_tree(change: Change) -> dict:
    measured = change.measured._asdict()
    pairs = measured.pop("pairs")
    return {
        "base": change.base,
        "network": change.network,
        "measure": change.measure,
        **measured,
        "difference": change.difference,
        "lost": pairs and pairs.lost,
        "gained": pairs and pairs.gained,
        "p_corrected": change.p_corrected,
        "max_drop": change.allowed,
        "margin": change.margin,
        "min_gain": change.min_gain,
        "verdict": change.verdict,
    }


def _floor_line(floor: Floor) -> str:
    verdict = "BELOW" if floor.regression else "not below"
    return f"{floor.network}: accuracy {floor.accuracy:.4%}, {verdict} its floor of {floor.minimum:.4%}"


def _p(p: float | None) -> str:
    if p is None:
        return ""
    return "<0.0001" if p < 0.0001 else f"{p:.2g}"
