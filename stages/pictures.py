"""Pictures of what a network said: of images, and of how sure it was."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from stages.scores import Outcomes, Reliability
from stages.whole_files import written_whole

_COLUMNS, _ROWS = 10, 4
SHOWN = _COLUMNS * _ROWS
_RIGHT, _WRONG, _FRAME = "black", "#b3001b", "#cccccc"
_MEASURED, _IDEAL = "#1f5fa8", "#777777"
_LEAST, _FEWEST = 3e-6, 0.8  # where the axes of the reliability diagram begin: a share, and a number of images


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


def draw_reliability(title: str, bins: Reliability) -> Figure:
    """Draw the share of mistakes against the doubt, both logarithmic, above how many images each bin holds.

    Sure predictions differ in their doubt, 1 - confidence, by powers of ten, which an axis of confidence would draw on
    one spot. The bars are 95 % intervals; a bin without a mistake is an open triangle at the upper end of its bar.
    """
    doubt = np.maximum(1 - bins.confidence, _LEAST)
    mistakes, fewest, most = 1 - bins.accuracy, 1 - bins.accuracy_high, 1 - bins.accuracy_low
    none = mistakes == 0
    figure = Figure(figsize=(7, 7), layout="constrained")
    figure.suptitle(title)
    axis, counts = figure.subplots(2, sharex=True, height_ratios=[3, 1])
    axis.plot([_LEAST, 1], [_LEAST, 1], "--", color=_IDEAL, label="calibrated; above: overconfident")
    axis.vlines(doubt, np.maximum(fewest, _LEAST), most, color=_MEASURED, label="95% interval")
    axis.plot(doubt[~none], mistakes[~none], "o", color=_MEASURED, label="images of about that confidence")
    if none.any():
        axis.plot(doubt[none], most[none], "v", color=_MEASURED, markerfacecolor="white", label="no mistake among them")
    axis.set(xscale="log", yscale="log", xlim=(_LEAST, 1), ylim=(_LEAST, 1), ylabel="actual mistakes")
    axis.legend(loc="lower right")
    counts.vlines(doubt, _FEWEST, bins.images, color=_MEASURED, linewidth=8)
    counts.set(yscale="log", ylim=(_FEWEST, None), ylabel="images", xlabel="expected mistakes (1 - confidence)")
    for shares in (axis.xaxis, axis.yaxis):
        shares.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    for panel in (axis, counts):
        panel.grid(color=_FRAME, linewidth=0.5)
        panel.set_axisbelow(True)
    return figure


def save(figure: Figure, path: Path) -> None:
    with written_whole(path) as partial:  # the same bytes whatever matplotlib's version string
        figure.savefig(partial, format="png", dpi=80, metadata={"Software": None})
