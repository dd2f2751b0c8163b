"""Measures that Git holds as one figure of a network, so that no test is possible: they have a limit, and no p."""

import csv
import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from checks.gate.lock import recorded_out
from checks.gate.snapshot import CALIBRATION, ROBUSTNESS, Snapshot
from stages.artifacts import paths
from stages.artifacts.errors import PipelineError


def read_figure(snapshot: Snapshot, network: str, subset: str, name: str) -> float:
    """Read "brier", "ece", "robustness.blur" or "model_bytes". Raises PipelineError if it is missing or malformed."""
    kind, _, corruption = name.partition(".")
    if kind == "robustness":
        return _read(snapshot, ROBUSTNESS.replace("CORRUPTION", corruption), network, _area)
    if kind == "model_bytes":
        return _model_bytes(snapshot, network)
    return _read(
        snapshot, CALIBRATION, network, lambda rows: next(float(row[kind]) for row in rows if row["subset"] == subset)
    )


def area(points: Sequence[tuple[float, float]]) -> float:
    """Return the mean height of a curve, the area below it over its width, by the trapezoidal rule."""
    steps = [(x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in pairwise(points)]
    return sum(steps) / (points[-1][0] - points[0][0])


def _area(rows: list[dict[str, str]]) -> float:
    return area([(float(strength), float(accuracy)) for strength, accuracy in (row.values() for row in rows)])


def _model_bytes(snapshot: Snapshot, network: str) -> float:
    path = paths.onnx_model(network).as_posix()
    size = recorded_out(snapshot, f"train@{network}", path, "size")
    if not isinstance(size, int):
        raise PipelineError(f"dvc.lock of {snapshot.name} has no size of {path}: run dvc repro")
    return size


def _read(snapshot: Snapshot, pattern: str, network: str, figure: Callable[[list[dict[str, str]]], float]) -> float:
    text = snapshot.file(pattern, network)
    try:
        value = figure(list(csv.DictReader(text.decode().splitlines())))
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a finite number")
    except (ValueError, TypeError, LookupError, StopIteration, ZeroDivisionError, csv.Error) as error:
        where = f"{pattern.replace('*', network)} of {snapshot.name}"
        raise PipelineError(f"{where} is malformed ({error!r}): run dvc repro") from None
    return value
