"""What the model card says of one network."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal, NamedTuple

import numpy as np

from checks.gate.official import Official, read_official
from checks.gate.results import read_results
from checks.gate.snapshot import LOCK, METRICS, ROBUSTNESS, Snapshot
from checks.gate.statistics import Share
from stages.artifacts.arrays import Subset
from stages.artifacts.errors import PipelineError
from stages.config.params import ModelName, ModelParams, Params
from stages.evaluation import metrics


class Figures(NamedTuple):
    """What metrics.json says of one subset."""

    accuracy: float  # to five places, as every other page has it; `right` is exact
    right: Share
    loss: float
    brier: float
    ece: float
    ece_low: float
    ece_high: float


class Confusion(NamedTuple):
    actual: int
    predicted: int
    share: Share  # of the images of the actual digit


class Curve(NamedTuple):
    """The accuracy at each strength of one corruption."""

    corruption: str
    unit: str
    points: dict[float, float]


class Fit(NamedTuple):
    """What came of one fit of the benchmark on the official test images; each fit has a seed of its own."""

    accuracy: float
    loss: float
    seconds: float


@dataclass(frozen=True)
class Network:
    name: ModelName
    params: ModelParams
    parameters: int
    figures: dict[Subset, Figures]
    shown: Literal["test", "validation"]  # the subset of all that follows
    wrong: Share
    recalls: dict[int, Share]  # by digit, of those that occur
    confusions: list[Confusion]  # the commonest first
    curves: list[Curve]
    official: Official | None  # None where `shown` does not hold the official test images
    fits: list[Fit]  # none where the benchmark last trained a network of other size, or for other epochs


def read_network(
    snapshot: Snapshot, name: ModelName, params: Params, rows: dict[Subset, int], fits: list[dict[str, Any]]
) -> Network:
    """rows: how many images each subset has; fits: the benchmark's, of all recipes."""
    results = read_results(snapshot, name)
    if results.contradictions:
        raise PipelineError(results.contradictions[0].message)
    if len(results.actual) != rows[results.subset]:
        raise PipelineError(f"{LOCK} of {snapshot.name} has another number of {results.subset} images: run dvc repro")
    counts = metrics.confusion_matrix(results.actual, results.predicted)
    try:
        parameters = int(results.metrics["parameters"])
        labelled = (subset for subset in rows if f"{subset}.accuracy" in results.metrics)
        figures = {subset: _figures(subset, rows[subset], results.metrics) for subset in labelled}
    except KeyError as missing:
        where = METRICS.replace("*", name)
        raise PipelineError(f"{where} of {snapshot.name} has no {missing.args[0]}: run dvc repro") from None
    return Network(
        name=name,
        params=params.model(name),
        parameters=parameters,
        figures=figures,
        shown=results.subset,
        wrong=Share(int((~results.correct).sum()), len(results.correct)),
        recalls={digit: Share(int(row[digit]), int(row.sum())) for digit, row in enumerate(counts) if row.any()},
        confusions=sorted(_confusions(counts), key=lambda confusion: -confusion.share.part),
        curves=list(_curves(snapshot, name)),
        official=read_official(params.data, results),
        fits=[
            Fit(fit["accuracy"], fit["nll"], fit["fit_seconds"])
            for fit in fits
            if (fit["name"], fit["parameters"], fit["epochs"]) == (name, parameters, params.model(name).epochs)
        ],
    )


def _figures(subset: Subset, images: int, metrics: dict[str, float]) -> Figures:
    accuracy, *others = (
        metrics[f"{subset}.{name}"] for name in ("accuracy", "loss", "brier", "ece", "ece_low", "ece_high")
    )
    return Figures(accuracy, Share(round(accuracy * images), images), *others)


def _confusions(counts: np.ndarray) -> Iterator[Confusion]:
    for (actual, predicted), count in np.ndenumerate(counts):
        if count and actual != predicted:
            yield Confusion(actual, predicted, Share(int(count), int(counts[actual].sum())))


def _curves(snapshot: Snapshot, network: str) -> Iterator[Curve]:
    pattern = ROBUSTNESS.replace("*", network, 1)
    found = [path for path in sorted(snapshot.files) if PurePosixPath(path).match(pattern)]
    if not found:
        raise PipelineError(f"{snapshot.name} has no {pattern}: run dvc repro")
    for path in found:
        try:
            (unit, _), *rows = csv.reader(snapshot.files[path].decode("utf-8").splitlines())
            points = {float(strength): float(accuracy) for strength, accuracy in rows}
        except ValueError:
            raise PipelineError(f"{path} of {snapshot.name} is no table of two columns: run dvc repro") from None
        yield Curve(PurePosixPath(path).stem, unit, points)
