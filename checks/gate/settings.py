"""The settings by which head is assessed.

Head must not loosen the gate that assesses it: of each setting the stricter counts, that of head or that of a base,
unless the looser one is accepted explicitly. No choice of rows is stricter than another: that of the base counts.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from checks.gate.snapshot import Snapshot
from stages.artifacts.errors import PipelineError
from stages.config.params import PARAMS_FILE
from stages.config.strict_yaml import StrictModel, parse
from stages.ingest.gate_params import GateParams, LimitParams, parse_gate

_Path = tuple[str, ...]  # the keys of a setting, such as ("floor", "cnn")
_STRICTER: dict[str, Callable[[Any, Any], Any]] = {  # of the values of two sides
    "alpha": max,
    "floor": max,
    "margin": min,
    "rows": lambda own, of_base: of_base,
    "metrics": lambda own, of_base: _stricter_limit(own, LimitParams.model_validate(of_base)),
}


class Settings(NamedTuple):
    """What counts, and what a reader has to know of it."""

    gate: GateParams
    loosened: list[str]  # settings of head that count although a base has stricter ones
    notes: list[str]  # settings of a base that count as they are stricter


def settle(bases: Sequence[Snapshot], head: Snapshot, accept_looser: bool) -> Settings:
    """Return the settings that count. Raises PipelineError if those of head are missing or malformed."""
    if PARAMS_FILE.name not in head.files:
        raise PipelineError(f"{head.name} has no {PARAMS_FILE}: it sets alpha, the floors and the margins")
    own = parse_gate(head.files[PARAMS_FILE.name], f"{PARAMS_FILE} of {head.name}")
    gate, differing = own, []
    rows_known = False
    for base in bases:
        for path, value in _leaves(_read(base)):
            if not _is_valid(own, path, value) or (path == ("rows",) and rows_known):
                continue
            rows_known |= path == ("rows",)
            stricter = _STRICTER[path[0]](_get(gate, path), value)
            if stricter != _get(gate, path):
                gate = _replaced(gate, path, stricter)
                values = f"{_shown(_get(own, path))} as in {head.name}", f"{_shown(stricter)} as in {base.name}"
                differing.append((".".join(("gate", *path)), *values))
    if accept_looser:
        return Settings(own, [f"{name} is {looser}, not {stricter}" for name, looser, stricter in differing], [])
    notes = [f"{name} is {stricter}, not {looser}: head cannot loosen it" for name, looser, stricter in differing]
    return Settings(gate, [], notes)


def _shown(value: Any) -> str:
    if isinstance(value, LimitParams):
        return ", ".join(f"{name} {_shown(limit)}" for name, limit in value if limit is not None and limit is not False)
    return f"{value:g}" if isinstance(value, float) else "none" if value is None else str(value)


class _AnyParams(StrictModel, extra="ignore"):
    gate: dict


def _read(base: Snapshot) -> dict[Any, Any]:
    """Return the `gate` section of a base as it is; {} if there is none that can be read."""
    try:
        return parse(_AnyParams, base.files.get(PARAMS_FILE.name, b""), base.name).gate
    except PipelineError:
        return {}


def _leaves(tree: Any, *path: str) -> Iterator[tuple[_Path, Any]]:
    """Yield the settings of a section that have a rule. Another commit may have others."""
    if not isinstance(tree, dict) or (path[:1] == ("metrics",) and len(path) == 3):
        yield path, tree
        return
    for key, value in tree.items():
        if path or key in _STRICTER:
            yield from _leaves(value, *path, str(key))


def _stricter_limit(own: LimitParams | None, of_base: LimitParams) -> LimitParams:
    """Return the limit of a measure that allows the least. If one of two is relative, that of base counts."""
    if own is None or own.relative != of_base.relative:
        return of_base
    drops = [limit.max_drop for limit in (own, of_base) if limit.max_drop is not None]
    gains = [limit.min_gain for limit in (own, of_base) if limit.min_gain is not None]
    return LimitParams(max_drop=min(drops, default=None), min_gain=max(gains, default=None), relative=own.relative)


def _get(gate: Any, path: _Path) -> Any:
    for key in path:
        gate = getattr(gate, key)
    return gate


def _is_valid(gate: GateParams, path: _Path, value: Any) -> bool:
    try:
        _replaced(gate, path, value)
    except ValidationError:
        return False
    return True


def _replaced(gate: GateParams, path: _Path, value: Any) -> GateParams:
    """Return a copy with another value at `path`. Raises ValidationError if it has no such setting or value."""
    tree: dict[str, Any] = gate.model_dump(exclude_unset=True)
    section = tree
    for key in path[:-1]:
        section = section.setdefault(key, {})
    section[path[-1]] = value.model_dump() if isinstance(value, LimitParams) else value
    return GateParams.model_validate(tree)
