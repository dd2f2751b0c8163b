"""Everything that a report shows of two sides, ready to be laid out: rows of text and pictures.

What is missing beside the gate's own files leaves a note in its place, and never stops the report.
"""

import base64
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from checks.gate.comparability import Pair
from checks.gate.snapshot import Snapshot
from checks.gate.verdict import Comparison
from checks.page import charts, confusion, curves, differences, disagreements
from checks.page.differences import Row
from checks.page.histories import Measure, Point, read_history
from stages.artifacts.errors import PipelineError
from stages.evaluation import metrics

_MEASURES: tuple[Measure, ...] = ("accuracy", "loss")


class Picture(NamedTuple):
    """A picture as a file beside the Markdown, and as what the page holds inline."""

    file: str
    alt: str
    png: bytes
    svg: str = ""  # of a chart: sharp at any size

    @property
    def source(self) -> str:
        """Return a data URI."""
        kind, content = ("svg+xml", self.svg.encode()) if self.svg else ("png", self.png)
        return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


class Sheet(NamedTuple):
    """The images that one side alone gets right."""

    side: str  # "base" or "head"
    count: int
    shown: int
    picture: Picture | None  # None where there is no image to show


@dataclass(frozen=True)
class Network:
    name: str
    metrics: list[Row]
    curves: list[Picture]  # of the accuracy and of the loss; empty where a side has no history
    confusions: list[Picture]  # of base, of head, and of head minus base
    sheets: list[Sheet]  # what only base, what only head gets right


@dataclass(frozen=True)
class Contents:
    """A report."""

    comparison: Comparison
    params: list[Row]
    networks: list[Network]
    notes: dict[str, str]  # why something is missing, by section: "params", "curves", "images"


def collect(base: Snapshot, head: Snapshot, comparison: Comparison) -> Contents:
    notes: dict[str, str] = {}
    params: list[Row] = []
    drawn: dict[str, list[Picture]] = {}
    images = None
    try:
        params = differences.params(base, head)
    except PipelineError as error:
        notes["params"] = str(error)
    try:
        drawn = _curves(base, head, list(comparison.pairs))
    except PipelineError as error:
        notes["curves"] = str(error)
    try:
        images = disagreements.load_images(head, comparison.subset, comparison.images)
    except PipelineError as error:
        notes["images"] = str(error)
    networks = [
        Network(
            name,
            differences.metrics(pair.base, pair.head),
            drawn.get(name, []),
            _confusions(name, pair),
            _sheets(name, pair, images),
        )
        for name, pair in comparison.pairs.items()
    ]
    return Contents(comparison, params, networks, notes)


def _curves(base: Snapshot, head: Snapshot, networks: list[str]) -> dict[str, list[Picture]]:
    """Draw the curves of each network; the vertical axes are the same for all, so that networks can be compared."""
    sides: dict[str, dict[str, list[Point]]] = {
        name: {f"base {base.name}": read_history(base, name), f"head {head.name}": read_history(head, name)}
        for name in networks
    }
    everything = [point for pair in sides.values() for points in pair.values() for point in points]
    limits = {measure: curves.domain(measure, everything) for measure in _MEASURES}
    return {
        name: [
            _chart(
                f"{name}-{measure}.png",
                f"{measure} of {name} by epoch, base and head",
                curves.chart(f"{name}: {measure}", measure, pair, limits[measure]),
            )
            for measure in _MEASURES
        ]
        for name, pair in sides.items()
    }


def _confusions(name: str, pair: Pair) -> list[Picture]:
    before, after = (metrics.confusion_matrix(side.actual, side.predicted) for side in pair)
    limit = max(confusion.most_confused(before), confusion.most_confused(after))
    change = after - before
    specs = {
        "base": confusion.chart(f"{name}: base", before, limit),
        "head": confusion.chart(f"{name}: head", after, limit),
        "difference": confusion.difference_chart(f"{name}: head minus base", change, confusion.most_confused(change)),
    }
    return [
        _chart(f"{name}-confusion-{kind}.png", f"confusion matrix of {name}, {kind}", spec)
        for kind, spec in specs.items()
    ]


def _sheets(name: str, pair: Pair, images: np.ndarray | None) -> list[Sheet]:
    sheets = []
    for side, rows in disagreements.find(pair)._asdict().items():
        picture = None
        if images is not None and rows.size:
            alt = f"images that only {side} gets right, {name}"
            picture = Picture(f"{name}-only-{side}.png", alt, disagreements.draw(images, pair, rows))
        sheets.append(Sheet(side, len(rows), min(len(rows), disagreements.SHOWN), picture))
    return sheets


def _chart(file: str, alt: str, spec: charts.Spec) -> Picture:
    svg = charts.svg(spec)
    return Picture(file, alt, charts.png(svg), svg)
