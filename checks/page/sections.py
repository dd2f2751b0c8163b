"""The sections of a report, in Markdown, with their figures.

Only the gate's own files are necessary: if another is missing, a line in its place states what to do.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix

from checks.gate import tables
from checks.gate.images import load_images
from checks.gate.results import read_metrics
from checks.gate.snapshot import DATA, Snapshot
from checks.gate.verdict import Verdict
from checks.markdown import table
from checks.page import differences, disagreements
from checks.page.plots import read_calibration, read_history
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import CLASSES
from stages.evaluation import figures

_SPECIAL = re.compile(r"[^\w .,:;+/()=%-]")  # characters that may have a meaning in Markdown or HTML


class Picture(NamedTuple):
    file: str  # its name next to the Markdown, such as cnn-history.png
    alt: str
    figure: Figure


Block = str | list[Picture]  # a block of Markdown, or a row of pictures


def blocks(base: Snapshot, head: Snapshot, verdict: Verdict) -> Iterator[Block]:
    yield tables.markdown(verdict)
    for heading, section in _SECTIONS.items():
        yield f"### {heading}"
        try:
            yield from section(base, head, verdict)
        except PipelineError as error:
            yield f"{escape(str(error))}."


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, also in a cell of a table."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", text)


def _params(base: Snapshot, head: Snapshot, verdict: Verdict) -> Iterator[Block]:
    rows = differences.params(base, head)
    yield _table(("param", "base", "head"), rows) if rows else "No param differs."


def _data(base: Snapshot, head: Snapshot, verdict: Verdict) -> Iterator[Block]:
    figures_of_data = {DATA: (read_metrics(base, DATA), read_metrics(head, DATA))}
    yield _table(("figure", "base", "head", "difference"), differences.metrics(figures_of_data))


def _metrics(base: Snapshot, head: Snapshot, verdict: Verdict) -> Iterator[Block]:
    yield "Accuracy: higher is better. Loss (nats), Brier score, calibration error (ece): lower is better."
    headings = ("metric", "base", "head", "difference")
    metrics = {name: (pair.base.metrics, pair.head.metrics) for name, pair in verdict.pairs.items()}
    yield _table(headings, differences.metrics(metrics))
    calibration = {name: (read_calibration(base, name), read_calibration(head, name)) for name in verdict.pairs}
    yield _table(headings, differences.metrics(calibration))


def _curves(base: Snapshot, head: Snapshot, verdict: Verdict) -> Iterator[Block]:
    for name in verdict.pairs:
        figure = figures.draw_history(name, read_history(head, name), read_history(base, name))
        yield [Picture(f"{name}-history.png", f"accuracy and loss of {name} by epoch, base and head", figure)]


def _confusion(base: Snapshot, head: Snapshot, verdict: Verdict) -> Iterator[Block]:
    yield (
        "Each cell: the number of images in head and, if it differs, the change from base. Red: a mistake that head "
        "makes more often; blue: less often."
    )
    row = []
    for name, pair in verdict.pairs.items():
        before, after = (confusion_matrix(side.actual, side.predicted, labels=range(CLASSES)) for side in pair)
        figure = figures.draw_confusion(name, after, before)
        row.append(Picture(f"{name}-confusion.png", f"confusion matrix of {name}, head and change from base", figure))
    yield row


def _disagreements(base: Snapshot, head: Snapshot, verdict: Verdict) -> Iterator[Block]:
    found = {name: disagreements.find(pair) for name, pair in verdict.pairs.items()}
    counts = [(name, f"{rows.base.size:,}", f"{rows.head.size:,}") for name, rows in found.items()]
    yield _table(("network", "only base", "only head"), counts)
    images = load_images(head, verdict.subset, verdict.selection.total)[verdict.selection.rows]
    yield "The pictures show the images whose losses differ most."
    for name, pair in verdict.pairs.items():
        yield [
            Picture(
                f"{name}-only-{side}.png",
                f"images that only {side} of {name} classifies correctly",
                disagreements.draw(f"{name}, only {side} is correct", images, pair, rows),
            )
            for side, rows in found[name]._asdict().items()
            if rows.size
        ]


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return table(headings, [[escape(cell) for cell in row] for row in rows])


_SECTIONS = {
    "Params": _params,
    "Data": _data,
    "Metrics": _metrics,
    "Curves": _curves,
    "Confusion matrices": _confusion,
    "Images that only one side classifies correctly": _disagreements,
}
