"""The images that only one side's network gets right, as sheets of pictures.

The images are the pipeline's own. Git does not hold them, so they are used only where the workspace has exactly those
that dvc.lock of the judged side names.
"""

import hashlib
import io
from typing import NamedTuple

import numpy as np
import yaml
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from checks.gate.comparability import Pair
from checks.gate.snapshot import LOCK, Snapshot
from stages.artifacts import arrays
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import SIDE

_COLUMNS, _ROWS = 5, 4
SHOWN = _COLUMNS * _ROWS
_WIDTH, _HEIGHT = 32, 44  # of an image's place, in pixels of the image
_LEFT, _TOP = 2, 7  # of the image within it
_PIXELS_AN_INCH = 34
_RIGHT, _WRONG, _FRAME = "#57606a", "#b3001b", "#d0d7de"
_MEND = "run dvc repro, or dvc pull if the project has a remote"


class Disagreement(NamedTuple):
    """The rows, numbered from 0, of the images that one side alone gets right: where the losses differ most first."""

    base: np.ndarray  # (n,) int
    head: np.ndarray  # (m,) int


def find(pair: Pair) -> Disagreement:
    def surest(chosen: np.ndarray) -> np.ndarray:
        rows = np.flatnonzero(chosen)
        swing = np.abs(pair.head.losses[rows] - pair.base.losses[rows])
        return rows[np.argsort(-swing, kind="stable")]

    return Disagreement(surest(pair.base.correct & ~pair.head.correct), surest(pair.head.correct & ~pair.base.correct))


def load_images(head: Snapshot, subset: arrays.Subset, count: int) -> np.ndarray:
    """Return the (count, 28, 28) float32 images that head's results are of.

    Raises PipelineError where the workspace does not have these very images.
    """
    path = arrays.images_path(subset)
    if not path.is_file():
        raise PipelineError(f"{path.as_posix()} is not here: {_MEND}")
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "md5").hexdigest()
    if found != _recorded_md5(head, path.as_posix()):
        raise PipelineError(f"{path.as_posix()} is not the file that {LOCK} of {head.name} names: {_MEND}")
    images = arrays.load_images(subset)
    if len(images) != count:
        raise PipelineError(f"{path.as_posix()} has {len(images):,} images, predictions.csv {count:,}: {_MEND}")
    return images


def draw(images: np.ndarray, pair: Pair, rows: np.ndarray) -> bytes:
    """Return a PNG of the first 20 of the rows, each image with its actual digit and both predictions."""
    rows = rows[:SHOWN]
    lines = -(-len(rows) // _COLUMNS)
    width, height = _COLUMNS * _WIDTH, lines * _HEIGHT
    figure = Figure(figsize=(width / _PIXELS_AN_INCH, height / _PIXELS_AN_INCH))
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set_axis_off()
    for place, row in enumerate(rows):
        left, top = place % _COLUMNS * _WIDTH + _LEFT, place // _COLUMNS * _HEIGHT + _TOP
        right, bottom = left + SIDE, top + SIDE
        axis.imshow(images[row], cmap="gray_r", vmin=0, vmax=1, extent=(left, right, bottom, top), aspect="auto")
        axis.add_patch(Rectangle((left, top), SIDE, SIDE, fill=False, edgecolor=_FRAME, linewidth=0.8))
        axis.text(left + SIDE / 2, top - 1, f"actual {pair.head.actual[row]}", fontsize=8, ha="center", va="bottom")
        for name, side, x, alignment in (("base", pair.base, left, "left"), ("head", pair.head, right, "right")):
            colour = _RIGHT if side.correct[row] else _WRONG
            text = f"{name} {side.predicted[row]}"
            axis.text(x, bottom + 1, text, fontsize=7.5, color=colour, ha=alignment, va="top")
    axis.set(xlim=(0, width), ylim=(height, 0))
    stream = io.BytesIO()
    figure.savefig(stream, dpi=160, metadata={"Software": None})  # the same bytes whatever matplotlib's version string
    return stream.getvalue()


def _recorded_md5(snapshot: Snapshot, path: str) -> str | None:
    try:
        outs = yaml.safe_load(snapshot.files.get(LOCK, b""))["stages"]["preprocess"]["outs"]
        return next((out["md5"] for out in outs if out["path"] == path), None)
    except (KeyError, TypeError, yaml.YAMLError):
        return None
