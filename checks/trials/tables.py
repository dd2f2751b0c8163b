"""The result of several seeds as text: for the terminal, for a pull request, for a program. Decides nothing."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tabulate import tabulate

from checks.gate.statistics import CONFIDENCE
from checks.gate.units import Unit, unit_of
from checks.markdown import table
from checks.trials.comparison import Difference, Estimate

_INTERVAL = f"{CONFIDENCE:.0%} interval"
_MEANS = ("setting", "network", "metric", "mean", "standard deviation", _INTERVAL)
_DIFFERENCES = ("network", "metric", "difference", "standard deviation", _INTERVAL, "verdict")
_COUNT = Unit(less_is_better=True, form=",.0f")
_Table = Callable[[Sequence[str], list[list[str]]], str]


@dataclass(frozen=True)
class Result:
    """What the runs of all seeds show."""

    seeds: list[int]  # that finished in each setting
    settings: dict[str, dict[tuple[str, str], Estimate]]  # by setting: by network and metric
    differences: list[Difference]  # the first setting minus the second, if there are two
    failed: dict[str, str]  # by experiment, why


def text(result: Result) -> str:
    return _render(result, lambda headings, rows: tabulate(rows, headings, tablefmt="plain", disable_numparse=True))


def markdown(result: Result) -> str:
    return _render(result, table)


def as_json(result: Result) -> str:
    tree = {
        "seeds": result.seeds,
        "settings": {
            name: [{"network": network, "metric": metric, **of._asdict()} for (network, metric), of in means.items()]
            for name, means in result.settings.items()
        },
        "differences": [
            {
                "network": row.network,
                "metric": row.metric,
                **row.estimate._asdict(),
                "excludes_0": not row.estimate.low <= 0 <= row.estimate.high,
                "verdict": row.verdict,
            }
            for row in result.differences
        ],
        "failed": result.failed,
    }
    return json.dumps(tree, indent=2, allow_nan=False)


def _render(result: Result, render: _Table) -> str:
    means = [
        [name, network, metric, _unit(metric).value(of.mean), *_spread(metric, of, _unit(metric).value)]
        for name, of_setting in result.settings.items()
        for (network, metric), of in of_setting.items()
    ]
    parts = [f"{len(result.seeds)} seeds: {', '.join(map(str, result.seeds))}", render(_MEANS, means)]
    if result.differences:
        changes = [
            [
                row.network,
                row.metric,
                _unit(row.metric).change(row.estimate.mean),
                *_spread(row.metric, row.estimate, _unit(row.metric).change),
                row.verdict,
            ]
            for row in result.differences
        ]
        parts += [f"{' minus '.join(result.settings)}, paired by seed:", render(_DIFFERENCES, changes)]
        parts += [
            "better, worse: the interval excludes 0. Each interval stands for itself: of twenty one misses, so look"
        ]
        parts[-1] += " at the metric that you chose before."
    parts += [f"failed: {name}: {why}" for name, why in result.failed.items()]
    return "\n\n".join(parts)


def _spread(metric: str, of: Estimate, form: Callable[[float], str]) -> list[str]:
    return [_unit(metric).value(of.deviation), f"{form(of.low)} to {form(of.high)}"]


def _unit(metric: str) -> Unit:
    return _COUNT if metric == "parameters" else unit_of(metric.split(".")[-1])
