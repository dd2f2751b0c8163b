"""The images that only one of two sides classifies correctly, as sheets of pictures.

Git does not hold the images: they are shown only if the workspace has exactly those that dvc.lock of head names.
"""

import hashlib
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from checks.gate.comparability import Pair
from checks.gate.lock import recorded_out
from checks.gate.snapshot import LOCK, Snapshot
from stages.artifacts import arrays
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import SIDE

_COLUMNS, _ROWS = 5, 4
SHOWN = _COLUMNS * _ROWS
_WIDTH, _HEIGHT, _HEADING = 32, 43, 16  # of an image with its captions, in pixels of the image
_SCALE = 30  # of these pixels, per inch
_CORRECT, _WRONG, _FRAME = "#57606a", "#b3001b", "#d0d7de"
_REMEDY = "run dvc repro, or dvc pull if the project has a remote"


class Disagreements(NamedTuple):
    """The rows, from 0, of the images that only one side classifies correctly, the largest change of loss first."""

    base: np.ndarray  # (n,) int
    head: np.ndarray  # (m,) int


def find(pair: Pair) -> Disagreements:
    change = abs(pair.head.losses - pair.base.losses)
    rows = np.argsort(-change, kind="stable")
    base, head = pair.base.correct[rows], pair.head.correct[rows]
    return Disagreements(rows[base & ~head], rows[head & ~base])


def load_images(head: Snapshot, subset: arrays.Subset, n: int) -> np.ndarray:
    """Return the (n, 28, 28) float32 images that head was evaluated on.

    Raises PipelineError if the workspace does not have exactly these images.
    """
    path = arrays.images_path(subset)
    if not path.is_file():
        raise PipelineError(f"{path.as_posix()} is missing: {_REMEDY}")
    with path.open("rb") as stream:
        md5 = hashlib.file_digest(stream, "md5").hexdigest()
    if md5 != recorded_out(head, "preprocess", path.as_posix(), "md5"):
        raise PipelineError(f"{path.as_posix()} is not the file that {LOCK} of {head.name} names: {_REMEDY}")
    images = arrays.load_images(subset)
    if len(images) != n:
        raise PipelineError(f"{path.as_posix()} has {len(images):,} images, predictions.csv {n:,}: {_REMEDY}")
    return images


def draw(title: str, images: np.ndarray, pair: Pair, rows: np.ndarray) -> Figure:
    """Draw the first 20 of the rows: each image with its actual digit and both predictions, the wrong one in red."""
    shown = rows[:SHOWN]
    width, height = _COLUMNS * _WIDTH, -(-len(shown) // _COLUMNS) * _HEIGHT
    figure = Figure(figsize=(width / _SCALE, (height + _HEADING) / _SCALE))
    axis = figure.add_axes((0, 0, 1, 1))
    axis.text(width / 2, -_HEADING, f"{title}: {len(shown)} of {len(rows):,} images", ha="center", va="top")
    for n, row in enumerate(shown):
        left, top = n % _COLUMNS * _WIDTH, n // _COLUMNS * _HEIGHT
        right, bottom = left + SIDE, top + SIDE
        place = (left, right, bottom, top)
        axis.imshow(images[row], cmap="gray_r", vmin=0, vmax=1, interpolation="none", extent=place)
        axis.add_patch(Rectangle((left, top), SIDE, SIDE, fill=False, edgecolor=_FRAME))
        axis.text(left + SIDE / 2, top - 1, f"actual {pair.head.actual[row]}", fontsize=8, ha="center", va="bottom")
        for side, results, x, alignment in (("base", pair.base, left, "left"), ("head", pair.head, right, "right")):
            text, colour = f"{side} {results.predicted[row]}", _CORRECT if results.correct[row] else _WRONG
            axis.text(x, bottom + 1, text, fontsize=8, color=colour, ha=alignment, va="top")
    axis.set(xlim=(-2, width - 2), ylim=(height, -_HEADING))
    axis.set_axis_off()
    return figure
