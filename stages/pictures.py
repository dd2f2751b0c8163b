"""Pictures of images with what a network said of them."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

_COLUMNS, _ROWS = 10, 4
SHOWN = _COLUMNS * _ROWS
_RIGHT, _WRONG, _FRAME = "black", "#b3001b", "#cccccc"


def draw_predictions(title: str, images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray) -> Figure:
    """Draw up to 40 of (n, 28, 28) images, each with its actual and its predicted digit and the probability of that.

    labels: (n,) actual digits; probabilities: (n, 10).
    """
    figure = Figure(figsize=(_COLUMNS * 1.05, _ROWS * 1.5 + 0.3), layout="constrained")
    figure.suptitle(title)
    axes = figure.subplots(_ROWS, _COLUMNS, subplot_kw={"xticks": [], "yticks": []}).ravel()
    for axis in axes[len(images) :]:
        axis.set_axis_off()
    for axis, image, actual, row in zip(axes, images, labels, probabilities, strict=False):
        predicted = row.argmax()
        axis.spines[:].set_color(_FRAME)
        axis.imshow(image, cmap="gray_r", vmin=0, vmax=1)
        axis.set_title(
            f"actual {actual}\npredicted {predicted}\n{row[predicted]:.1%}",
            fontsize=8,
            pad=3,
            color=_RIGHT if predicted == actual else _WRONG,
        )
    return figure


def save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=80, metadata={"Software": None})  # the same bytes whatever matplotlib's version string
