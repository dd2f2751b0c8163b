"""Pictures of images with what a network said of them, and how any figure becomes a file."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from stages.scores import Outcomes
from stages.whole_files import written_whole

_COLUMNS, _ROWS = 10, 4
SHOWN = _COLUMNS * _ROWS
_RIGHT, _WRONG, _FRAME = "black", "#b3001b", "#cccccc"


def draw_predictions(title: str, images: np.ndarray, outcomes: Outcomes) -> Figure:
    """Draw up to 40 of (n, 28, 28) images, each with its actual and its predicted digit and the probability of that."""
    figure = Figure(figsize=(_COLUMNS * 1.05, _ROWS * 1.5 + 0.3), layout="constrained")
    figure.suptitle(title)
    axes = figure.subplots(_ROWS, _COLUMNS, subplot_kw={"xticks": [], "yticks": []}).ravel()
    for axis in axes[len(images) :]:
        axis.set_axis_off()
    columns = (images, outcomes.actual, outcomes.predicted, outcomes.confidence)
    for axis, image, actual, predicted, confidence in zip(axes, *columns, strict=False):
        axis.spines[:].set_color(_FRAME)
        axis.imshow(image, cmap="gray_r", vmin=0, vmax=1)
        axis.set_title(
            f"actual {actual}\npredicted {predicted}\n{confidence:.1%}",
            fontsize=8,
            pad=3,
            color=_RIGHT if predicted == actual else _WRONG,
        )
    return figure


def save(figure: Figure, path: Path) -> None:
    with written_whole(path) as partial:  # the same bytes whatever matplotlib's version string
        figure.savefig(partial, format="png", dpi=80, metadata={"Software": None})
