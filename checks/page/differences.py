"""The params and metrics of two sides, as rows of text. Decides nothing."""

import json
from collections.abc import Mapping

import yaml

from checks.gate.results import flatten
from checks.gate.snapshot import Snapshot
from stages.artifacts.errors import PipelineError
from stages.config.params import PARAMS_FILE

Values = Mapping[str, float]  # by dotted name, such as test.accuracy

_NONE = "-"


def params(base: Snapshot, head: Snapshot) -> list[tuple[str, str, str]]:
    """Return the params that differ: dotted name, base and head. Raises PipelineError if a file is unreadable."""
    before, after = _read_params(base), _read_params(head)
    names = sorted(before.keys() | after.keys())
    rows = [(name, before.get(name, _NONE), after.get(name, _NONE)) for name in names]
    return [row for row in rows if row[1] != row[2]]


def metrics(sides: Mapping[str, tuple[Values, Values]]) -> list[tuple[str, str, str, str]]:
    """Return the metrics of head, given those of (base, head) by network: name, base, head and their difference."""
    rows = []
    for network, (base, head) in sides.items():
        for name, after in head.items():
            before = base.get(name)
            change = None if before in (None, after) else after - before
            rows.append((f"{network}: {name}", _number(before), _number(after), _number(change, "+")))
    return rows


def _number(value: float | None, sign: str = "") -> str:
    if value is None:
        return _NONE
    return format(value, f"{sign},") if isinstance(value, int) else format(value, f"{sign}.5f")


def _read_params(side: Snapshot) -> dict[str, str]:
    if PARAMS_FILE.name not in side.files:
        raise PipelineError(f"{side.name} has no {PARAMS_FILE}")
    try:
        leaves = flatten(yaml.safe_load(side.files[PARAMS_FILE.name]))
        return {name: json.dumps(value, ensure_ascii=False, default=str) for name, value in leaves}
    except (yaml.YAMLError, UnicodeDecodeError):
        raise PipelineError(f"{PARAMS_FILE} of {side.name} is not valid YAML") from None
