"""What `evaluate` committed of a network, read strictly: metrics, and a prediction and a loss for each image.

Never repairs: a file that is cut short or malformed is an error that names file and line. Where two files contradict
each other, as after half a commit, that is a doubt, which the verdict weighs.
"""

import json
import math
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

import numpy as np

from checks.gate.snapshot import LOSSES, METRICS, PREDICTIONS, Snapshot
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import CLASSES
from stages.evaluation import metrics

LOSS_UNIT = 1e-5  # nats: the last place of losses.csv

_ROUNDING = 0.5e-5 + 1e-9  # metrics and losses are written to five places
_BY_DEFINITION = ("accuracy", "loss")  # of each subset; what else there is must be there on both sides


class Doubt(NamedTuple):
    """A contradiction between a network's files."""

    message: str
    better: bool  # metrics.json tells of a better network than the rows of predictions.csv and losses.csv do
    worse: bool  # ... of a worse one


@dataclass(frozen=True)
class Results:
    """One network on the images of predictions.csv."""

    subset: Literal["test", "validation"]  # validation where test.csv has no labels
    metrics: dict[str, float]  # by dotted name, such as test.accuracy
    actual: np.ndarray  # (n,) uint8 in 0-9
    predicted: np.ndarray  # (n,) uint8 in 0-9
    losses: np.ndarray  # (n,) int64 in LOSS_UNIT, at least 0
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def correct(self) -> np.ndarray:
        return self.predicted == self.actual

    def identical(self, other: "Results") -> bool:
        return np.array_equal(self.predicted, other.predicted) and np.array_equal(self.losses, other.losses)


def read_results(snapshot: Snapshot, network: str) -> Results:
    """Parse a network's files and hold them against each other. Raises PipelineError for anything malformed."""
    metrics_at, predictions_at, losses_at = (
        f"{pattern.replace('*', network)} of {snapshot.name}" for pattern in (METRICS, PREDICTIONS, LOSSES)
    )
    metrics = _read_metrics(metrics_at, snapshot.file(METRICS, network))
    pairs = _read_rows(predictions_at, snapshot.file(PREDICTIONS, network), b"actual,predicted", rb"[0-9],[0-9]")
    losses = _read_rows(losses_at, snapshot.file(LOSSES, network), b"loss", rb"[0-9]{1,3}\.[0-9]{5}")
    digits = np.array([(row[0], row[2]) for row in pairs], np.uint8) - ord("0")
    results = Results(
        subset="test" if "test.accuracy" in metrics else "validation",
        metrics=metrics,
        actual=digits[:, 0],
        predicted=digits[:, 1],
        losses=np.array([int(row.replace(b".", b"")) for row in losses], np.int64),
    )
    if len(pairs) != len(losses):
        raise PipelineError(f"{losses_at} has {len(losses)} rows, predictions.csv {len(pairs)}: run dvc repro")
    doubts = [*_hold_metrics_against_rows(results, metrics_at), *_hold_losses_against_predictions(results, losses_at)]
    return replace(results, doubts=doubts)


def _read_metrics(where: str, text: bytes) -> dict[str, float]:
    try:
        metrics = dict(_leaves(json.loads(text), ()))
    except (ValueError, RecursionError) as error:  # of json, or of the text's encoding
        raise PipelineError(f"{where} is not valid JSON ({error}): run dvc repro") from None
    subsets = {"train", "validation"} | {name.split(".")[0] for name in metrics if name.startswith("test.")}
    for name in (f"{subset}.{metric}" for subset in sorted(subsets) for metric in _BY_DEFINITION):
        if name not in metrics:
            raise PipelineError(f"{where} has no {name}: run dvc repro")
    for name, value in metrics.items():
        if type(value) not in (int, float) or not abs(value) <= sys.float_info.max:
            raise PipelineError(f"{where}: {name} is {value!r}, expected a finite number: run dvc repro")
    return metrics


def _leaves(value: Any, key: tuple[str, ...]) -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        return [(".".join(key), value)]
    return [leaf for name, inner in value.items() for leaf in _leaves(inner, (*key, name))]


def _read_rows(where: str, text: bytes, header: bytes, row: bytes) -> list[bytes]:
    """Return the rows after the header, each of which has to match the pattern `row` and to end its line."""
    found, _, body = text.replace(b"\r\n", b"\n").partition(b"\n")
    if found != header:
        raise PipelineError(f"{where}, line 1: expected {header.decode()!r}, found {_shown(found)}")
    *lines, rest = body.split(b"\n")
    matches = re.compile(row).fullmatch
    for number, line in enumerate(lines, start=2):
        if not matches(line):
            raise PipelineError(f"{where}, line {number}: expected the form {row.decode()}, found {_shown(line)}")
    if rest or not lines:
        raise PipelineError(f"{where}, line {len(lines) + 2}: the file is cut short")
    return lines


def _shown(line: bytes) -> str:
    return repr(line[:40].decode("utf-8", "replace")) if line else "an empty line"


def _hold_metrics_against_rows(results: Results, metrics_at: str) -> Iterator[Doubt]:
    recomputed = {
        f"{results.subset}.accuracy": float(results.correct.mean()),
        f"{results.subset}.loss": float(results.losses.mean() * LOSS_UNIT),
        **{f"recall.{digit}": share for digit, share in metrics.recalls(results.actual, results.predicted).items()},
    }
    for name, value in recomputed.items():
        if name not in results.metrics:
            raise PipelineError(f"{metrics_at} has no {name}: run dvc repro")
        is_loss = name.endswith("loss")
        surplus = results.metrics[name] - value
        if abs(surplus) > _ROUNDING * (2 if is_loss else 1):  # each loss was rounded too
            message = f"{metrics_at} says {name} {results.metrics[name]}, but its rows make {value:.5f}: run dvc repro"
            yield Doubt(message, better=(surplus < 0) == is_loss, worse=(surplus > 0) == is_loss)


def _hold_losses_against_predictions(results: Results, losses_at: str) -> Iterator[Doubt]:
    """Check that the rows are in one order: a wrong digit leaves the label at most 1/2, a right one at least 1/10."""
    nats = results.losses * LOSS_UNIT
    possible = np.where(results.correct, nats < math.log(CLASSES) + 1e-4, nats > math.log(2) - 1e-4)
    if not possible.all():
        row = int(np.argmin(possible))
        hit = "right" if results.correct[row] else "wrong"
        message = f"{losses_at}, line {row + 2}: no {hit} prediction has the loss {nats[row]:.5f}: run dvc repro"
        yield Doubt(message, better=False, worse=False)
