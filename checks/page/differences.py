"""The params and the metrics that two sides do not share, as rows of text. Never judges them: the gate does."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from checks.gate.results import Results
from checks.gate.snapshot import Snapshot
from stages.artifacts.errors import PipelineError
from stages.config.params import PARAMS_FILE


class Row(NamedTuple):
    """One value on both sides; "" where a side has none."""

    name: str  # dotted, as DVC writes it: models.cnn.epochs, test.accuracy
    base: str
    head: str
    difference: str = ""


def params(base: Snapshot, head: Snapshot) -> list[Row]:
    """Return the params that differ, by name. Raises PipelineError where a side's params.yaml cannot be read."""
    before, after = (dict(_params(snapshot)) for snapshot in (base, head))
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return [Row(name, before.get(name, ""), after.get(name, "")) for name in names]


def metrics(base: Results, head: Results) -> list[Row]:
    """Return every metric of a network, in the order of its file, also those that are the same."""
    return [_metric(name, base.metrics[name], value) for name, value in head.metrics.items()]


def _params(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    if PARAMS_FILE.name not in snapshot.files:
        raise PipelineError(f"{snapshot.name} has no {PARAMS_FILE}")
    try:
        return _leaves(yaml.safe_load(snapshot.files[PARAMS_FILE.name]), ())
    except (yaml.YAMLError, UnicodeDecodeError):
        raise PipelineError(f"{PARAMS_FILE} of {snapshot.name} is not valid YAML") from None


def _leaves(value: Any, key: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield ".".join(key), json.dumps(value, ensure_ascii=False, default=str)
        return
    for name, inner in value.items():
        yield from _leaves(inner, (*key, str(name)))


def _metric(name: str, base: float, head: float) -> Row:
    value, signed = ("{:,}", "{:+,}") if isinstance(base, int) and isinstance(head, int) else ("{:.5f}", "{:+.5f}")
    difference = signed.format(head - base) if head != base else ""
    return Row(name, value.format(base), value.format(head), difference)
