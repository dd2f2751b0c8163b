"""Figures of a network: its training, the digits it confuses, its calibration, and images with predictions.

Nearly all images are classified correctly, so the diagrams show the mistakes.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from stages.artifacts.files import atomic_write
from stages.artifacts.images import CLASSES
from stages.evaluation.metrics import PredictionResults, Reliability

_COLUMNS, _ROWS = 10, 4  # of images with predictions
SHOWN = _COLUMNS * _ROWS

_CORRECT, _WRONG = "black", "#b3001b"
_MEASURED, _IDEAL, _FRAME, _MISTAKES = "#1f5fa8", "#777777", "#cccccc", "Reds"
_LEAST, _FEWEST = 3e-6, 0.8  # where the axes of the reliability diagram begin: a share, and a number of images
_FEWEST_MISTAKES = 1e-4  # a share: as a logarithmic axis has no 0


def draw_history(title: str, history: pd.DataFrame) -> Figure:
    """Draw accuracy and loss by epoch, for (augmented) training and for validation images; both axes logarithmic.

    history: one row per epoch, with epoch, accuracy, val_accuracy, loss, val_loss.
    """
    figure = Figure(figsize=(10, 4), layout="constrained")
    figure.suptitle(title)
    accuracy, loss = figure.subplots(1, 2)
    for axis, name in ((accuracy, "accuracy"), (loss, "loss")):
        for column, label, style in ((name, "training, augmented", ":"), (f"val_{name}", "validation", "-")):
            values = history[column] if axis is loss else (1 - history[column]).clip(lower=_FEWEST_MISTAKES)
            axis.plot(history.epoch, values, style, color=_MEASURED, marker=".", label=label)
        axis.set(yscale="log", xlabel="epoch")
        axis.grid(which="both", color=_FRAME, linewidth=0.5)
        axis.legend()
    accuracy.set_ylabel("accuracy")
    accuracy.invert_yaxis()
    for formatter in (accuracy.yaxis.set_major_formatter, accuracy.yaxis.set_minor_formatter):
        formatter(lambda mistakes, _: f"{100 * (1 - mistakes):g}%" if f"{mistakes:e}"[0] in "125" else "")
    loss.set_ylabel("loss in nats")
    return figure


def draw_confusion(title: str, counts: np.ndarray) -> Figure:
    """Draw a (10, 10) matrix: how many images of each actual digit were classified as which.

    Only mistakes have colour.
    """
    mistakes = np.where(np.eye(CLASSES, dtype=bool), 0, counts)
    most = max(1, mistakes.max())
    figure = Figure(figsize=(6.4, 6.4), layout="constrained")
    figure.suptitle(title)
    axis = figure.subplots()
    axis.imshow(mistakes, cmap=_MISTAKES, vmin=0, vmax=most)
    for (actual, predicted), count in np.ndenumerate(counts):
        if count:
            colour = _IDEAL if actual == predicted else "white" if count > 0.6 * most else "black"
            axis.text(predicted, actual, f"{count:,}", ha="center", va="center", fontsize=9, color=colour)
    axis.set(xticks=range(CLASSES), yticks=range(CLASSES), xlabel="predicted", ylabel="actual")
    axis.tick_params(length=0)
    axis.spines[:].set_color(_FRAME)
    return figure


def draw_reliability(title: str, bins: Reliability) -> Figure:
    """Draw the share of mistakes against the doubt, both logarithmic, above the number of images of each bin.

    Confident predictions differ in their doubt, 1 - confidence, by powers of ten, which an axis of confidence would show
    in one place. The bars are 95 % intervals; a bin without a mistake is an open triangle at the upper end of its bar.
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


def save(figure: Figure, path: Path) -> None:
    with atomic_write(path) as partial:  # the same bytes whatever matplotlib's version string
        figure.savefig(partial, format="png", dpi=80, metadata={"Software": None})
