"""What `evaluate` committed of a network, read strictly: metrics, and a prediction and a loss for each image.

Never repairs: a truncated or malformed file is an error that names file and line. Files that contradict each other, as
after half a commit, are no error here: the verdict decides what follows.
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

LOSS_UNIT = 1e-5  # nats: the last place of losses.csv

_ROUNDING = 0.5e-5 + 1e-9  # metrics and losses are written to five places
_REQUIRED = ("accuracy", "loss")  # of each subset; whatever else there is need not be on both sides


class Contradiction(NamedTuple):
    """Two files of a network that cannot both be right."""

    message: str
    better: bool  # metrics/M.json describes a better network than the rows of predictions.csv and losses.csv do
    worse: bool  # ... a worse one


@dataclass(frozen=True)
class Results:
    """One network on the images of predictions.csv."""

    subset: Literal["test", "validation"]  # validation if test.csv has no labels
    metrics: dict[str, float]  # by dotted name, such as test.accuracy
    actual: np.ndarray  # (n,) uint8 in 0-9
    predicted: np.ndarray  # (n,) uint8 in 0-9
    losses: np.ndarray  # (n,) int64 in LOSS_UNIT, at least 0
    contradictions: list[Contradiction] = field(default_factory=list)

    @property
    def correct(self) -> np.ndarray:
        """(n,) bool."""
        return self.predicted == self.actual

    def select(self, rows: np.ndarray) -> "Results":
        """Return the results of some rows, (n,) int from 0. The metrics remain those of all."""
        return replace(self, actual=self.actual[rows], predicted=self.predicted[rows], losses=self.losses[rows])

    def identical(self, other: "Results") -> bool:
        return np.array_equal(self.predicted, other.predicted) and np.array_equal(self.losses, other.losses)


def read_results(snapshot: Snapshot, network: str) -> Results:
    """Parse a network's files and compare them with each other. Raises PipelineError if one is missing or malformed."""
    metrics_at, predictions_at, losses_at = (
        f"{pattern.replace('*', network)} of {snapshot.name}" for pattern in (METRICS, PREDICTIONS, LOSSES)
    )
    metrics = read_metrics(snapshot, network)
    _check_names(metrics, metrics_at)
    pairs = _split_rows(predictions_at, snapshot.file(PREDICTIONS, network), b"actual,predicted", rb"[0-9],[0-9]")
    losses = _split_rows(losses_at, snapshot.file(LOSSES, network), b"loss", rb"[0-9]{1,3}\.[0-9]{5}")
    if len(pairs) != len(losses):
        raise PipelineError(f"{losses_at} has {len(losses)} rows, predictions.csv {len(pairs)}: run dvc repro")
    digits = np.array([(row[0], row[2]) for row in pairs], np.uint8) - ord("0")
    results = Results(
        subset="test" if "test.accuracy" in metrics else "validation",
        metrics=metrics,
        actual=digits[:, 0],
        predicted=digits[:, 1],
        losses=np.array([int(row.replace(b".", b"")) for row in losses], np.int64),
    )
    found = [*_check_metrics(results, metrics_at), *_check_losses(results, losses_at)]
    return replace(results, contradictions=found)


def read_metrics(snapshot: Snapshot, name: str) -> dict[str, float]:
    """Parse metrics/`name`.json: finite numbers by dotted name. Raises PipelineError if it is missing or malformed."""
    text, where = snapshot.file(METRICS, name), f"{METRICS.replace('*', name)} of {snapshot.name}"
    try:
        metrics = dict(flatten(json.loads(text)))
    except (ValueError, RecursionError) as error:  # of json, or of the text's encoding
        raise PipelineError(f"{where} is not valid JSON ({error}): run dvc repro") from None
    for name, value in metrics.items():
        if type(value) not in (int, float) or not abs(value) <= sys.float_info.max:
            raise PipelineError(f"{where}: {name} is {value!r}, expected a finite number: run dvc repro")
    return metrics


def flatten(tree: Any, *path: str) -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested dicts by dotted name, as DVC names metrics and params: test.accuracy."""
    if not isinstance(tree, dict):
        yield ".".join(path), tree
        return
    for name, value in tree.items():
        yield from flatten(value, *path, str(name))


def _check_names(metrics: dict[str, float], metrics_at: str) -> None:
    subsets = {"train", "validation"} | {name.split(".")[0] for name in metrics if name.startswith("test.")}
    for name in (f"{subset}.{metric}" for subset in sorted(subsets) for metric in _REQUIRED):
        if name not in metrics:
            raise PipelineError(f"{metrics_at} has no {name}: run dvc repro")


def _split_rows(where: str, text: bytes, header: bytes, row: bytes) -> list[bytes]:
    """Return the rows after the header, each of which has to match the pattern `row` and to end its line."""
    found, _, body = text.replace(b"\r\n", b"\n").partition(b"\n")
    if found != header:
        raise PipelineError(f"{where}, line 1: expected {header.decode()!r}, found {_quote(found)}")
    *lines, rest = body.split(b"\n")
    matches = re.compile(row).fullmatch
    for number, line in enumerate(lines, start=2):
        if not matches(line):
            raise PipelineError(f"{where}, line {number}: expected the form {row.decode()}, found {_quote(line)}")
    if rest or not lines:
        raise PipelineError(f"{where}, line {len(lines) + 2}: the file is truncated")
    return lines


def _quote(line: bytes) -> str:
    return repr(line[:40].decode("utf-8", "replace")) if line else "an empty line"


def _check_metrics(results: Results, metrics_at: str) -> Iterator[Contradiction]:
    """Recompute accuracy and loss from the rows."""
    for metric, value in {"accuracy": results.correct.mean(), "loss": results.losses.mean() * LOSS_UNIT}.items():
        name, is_loss = f"{results.subset}.{metric}", metric == "loss"
        surplus = results.metrics[name] - float(value)
        if abs(surplus) > _ROUNDING * (2 if is_loss else 1):  # each loss was rounded too
            message = f"{metrics_at}: {name} is {results.metrics[name]}, but its rows give {value:.5f}: run dvc repro"
            yield Contradiction(message, better=(surplus < 0) == is_loss, worse=(surplus > 0) == is_loss)


def _check_losses(results: Results, losses_at: str) -> Iterator[Contradiction]:
    """Check that the rows are in one order: a wrong digit leaves the label at most 1/2, a correct one at least 1/10."""
    nats = results.losses * LOSS_UNIT
    possible = np.where(results.correct, nats < math.log(CLASSES) + 1e-4, nats > math.log(2) - 1e-4)
    if not possible.all():
        row = int(np.argmin(possible))
        kind = "correct" if results.correct[row] else "wrong"
        message = f"{losses_at}, line {row + 2}: a {kind} prediction cannot have the loss {nats[row]:.5f}"
        yield Contradiction(f"{message}: run dvc repro", better=False, worse=False)
