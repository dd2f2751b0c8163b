"""Figures of a network: its training, the digits it confuses, its calibration, and images with predictions.

Nearly all images are classified correctly, so the diagrams show the mistakes.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from stages.artifacts.images import CLASSES
from stages.evaluation.metrics import PredictionResults, Reliability

_COLUMNS, _ROWS = 10, 4  # of images with predictions
SHOWN = _COLUMNS * _ROWS

_CORRECT, _WRONG = "black", "#b3001b"
_MEASURED, _BASE, _IDEAL, _FRAME = "#1f5fa8", "#b4bac4", "#777777", "#cccccc"
_MISTAKES, _CHANGES = "Reds", "RdBu_r"  # colour maps
_LEAST, _FEWEST = 3e-6, 0.8  # where the axes of the reliability diagram begin: a share, and a number of images
_BOTTOM = 1e-4  # of the axes of a history, a share and nats: as a logarithmic axis has no 0


def draw_history(title: str, history: pd.DataFrame, base: pd.DataFrame | None = None) -> Figure:
    """Draw accuracy and loss by epoch, for (augmented) training and for validation images; vertical axes logarithmic.

    history: one row per epoch, with epoch, accuracy, val_accuracy, loss, val_loss.
    base: the history to compare it with, drawn wide and grey behind it, so that equal curves show both.
    """
    sides = [("", history, _MEASURED, 1.5)]
    if base is not None:
        sides = [("base, ", base, _BASE, 4), ("head, ", history, _MEASURED, 1.5)]
    figure = Figure(figsize=(10, 4), layout="constrained")
    figure.suptitle(title)
    for axis, name in zip(figure.subplots(1, 2), ("accuracy", "loss"), strict=True):
        for side, rows, colour, width in sides:
            marker = "o" if len(rows) == 1 else ""  # one epoch makes no line
            for column, label, style in ((name, "training, augmented", ":"), (f"val_{name}", "validation", "-")):
                values = (rows[column] if name == "loss" else 1 - rows[column]).clip(lower=_BOTTOM)
                axis.plot(rows.epoch, values, style, color=colour, linewidth=width, marker=marker, label=side + label)
        axis.set(yscale="log", xlabel="epoch", ylabel=name if name == "accuracy" else "loss in nats")
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_minor_locator(NullLocator())
        axis.grid(color=_FRAME, linewidth=0.5)
        axis.legend()
    accuracy, loss = figure.axes
    accuracy.invert_yaxis()
    accuracy.yaxis.set_major_formatter(lambda mistakes, _: f"{100 * (1 - mistakes):g}%")
    loss.yaxis.set_major_formatter("{x:g}")
    return figure


def draw_confusion(title: str, counts: np.ndarray, base: np.ndarray | None = None) -> Figure:
    """Draw a (10, 10) matrix: how many images of each actual digit were classified as which.

    Only mistakes have colour. base: the matrix to compare it with: each cell then has the change, too, and its colour.
    """
    change = np.zeros_like(counts) if base is None else counts - base
    coloured = np.where(np.eye(CLASSES, dtype=bool), 0, counts if base is None else change)
    most = max(1, abs(coloured).max())
    figure = Figure(figsize=(6.4, 6.4), layout="constrained")
    figure.suptitle(title)
    axis = figure.subplots()
    colours, limits = (_MISTAKES, (0, most)) if base is None else (_CHANGES, (-1.2 * most, 1.2 * most))
    axis.imshow(coloured, cmap=colours, clim=limits, interpolation="none")
    for (actual, predicted), count in np.ndenumerate(counts):
        difference = f"\n{change[actual, predicted]:+,}" if change[actual, predicted] else ""
        if count or difference:
            dark = abs(coloured[actual, predicted]) > 0.7 * most
            colour = _IDEAL if actual == predicted else "white" if dark else "black"
            text = f"{count:,}{difference}"
            axis.text(predicted, actual, text, ha="center", va="center", fontsize=9, color=colour)
    axis.set(xticks=range(CLASSES), yticks=range(CLASSES), xlabel="predicted", ylabel="actual")
    axis.set_xticks(np.arange(0.5, CLASSES - 1), minor=True)
    axis.set_yticks(np.arange(0.5, CLASSES - 1), minor=True)
    axis.grid(which="minor", color=_FRAME, linewidth=0.5)
    axis.tick_params(which="both", length=0)
    axis.spines[:].set_color(_FRAME)
    return figure


def draw_reliability(title: str, bins: Reliability) -> Figure:
    """Draw the share of mistakes against the doubt, both logarithmic, above the number of images of each bin.

    Confident predictions differ in their doubt, 1 - confidence, by powers of ten, which an axis of confidence would
    show in one place. The bars are 95 % intervals; a bin without a mistake is an open triangle at the upper end of its
    bar.
    """
    doubt = np.maximum(1 - bins.confidence, _LEAST)
    mistakes, fewest, most = 1 - bins.accuracy, 1 - bins.accuracy_high, 1 - bins.accuracy_low
    none = mistakes == 0
    figure = Figure(figsize=(7, 7), layout="constrained")
    figure.suptitle(title)
    axis, counts = figure.subplots(2, sharex=True, height_ratios=[3, 1])
    axis.plot([_LEAST, 1], [_LEAST, 1], "--", color=_IDEAL, label="calibrated; above: overconfident")
    axis.vlines(doubt, np.maximum(fewest, _LEAST), most, color=_MEASURED, label="95% interval")
    axis.plot(doubt[~none], mistakes[~none], "o", color=_MEASURED, label="images of similar confidence")
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


def draw_predictions(title: str, images: np.ndarray, outcomes: PredictionResults) -> Figure:
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
            color=_CORRECT if predicted == actual else _WRONG,
        )
    return figure
