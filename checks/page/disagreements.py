"""The images that only one of two sides classifies correctly, as sheets of pictures.

They are shown only if the workspace has exactly those that dvc.lock of head names.
"""

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from checks.gate.comparability import Pair
from stages.artifacts.images import SIDE

_COLUMNS, _ROWS = 5, 4
SHOWN = _COLUMNS * _ROWS
_WIDTH, _HEIGHT, _HEADING = 32, 43, 16  # of an image with its captions, in pixels of the image
_SCALE = 30  # of these pixels, per inch
_CORRECT, _WRONG, _FRAME = "#57606a", "#b3001b", "#d0d7de"


class Disagreements(NamedTuple):
    """The rows, from 0, of the images that only one side classifies correctly, the largest change of loss first."""

    base: np.ndarray  # (n,) int
    head: np.ndarray  # (m,) int


def find(pair: Pair) -> Disagreements:
    change = abs(pair.head.losses - pair.base.losses)
    rows = np.argsort(-change, kind="stable")
    base, head = pair.base.correct[rows], pair.head.correct[rows]
    return Disagreements(rows[base & ~head], rows[head & ~base])


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
