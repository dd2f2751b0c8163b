from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.artifacts.results import save_figure
from stages.evaluation import figures, metrics
from tests.helpers.reliability import BINS


def test_a_reliability_diagram_has_a_point_a_bin_and_an_open_one_without_mistakes():
    axis, counts = figures.draw_reliability("title", BINS).axes
    with_mistakes, without = (line.get_xydata() for line in axis.lines[1:])
    assert with_mistakes == pytest.approx(np.array([(0.3, 0.4), (0.01, 0.02)]))
    assert without[0, 1] == pytest.approx(0.001)  # at the upper end of its interval
    assert 0 < without[0, 0] < 1e-5  # a confidence of 1, on a logarithmic axis
    bars = [segment[:, 1] for segment in axis.collections[0].get_segments()]
    assert np.array(bars[:2]) == pytest.approx(np.array([(0.3, 0.5), (0.01, 0.05)]))
    assert [segment[1, 1] for segment in counts.collections[0].get_segments()] == [90, 300, 4000]


def test_a_diagram_is_drawn_of_a_network_that_is_always_right_and_sure(tmp_path: Path):
    bins = metrics.reliability(metrics.prediction_results(np.arange(10), np.eye(10, dtype=np.float32)))
    save_figure(tmp_path / "reliability.png", figures.draw_reliability("title", bins))
    assert bins.images.tolist() == [10]


def test_the_curves_of_accuracy_and_loss_are_those_of_the_history(tmp_path: Path):
    history = pd.DataFrame(
        {"epoch": [1, 2], "accuracy": [0.8, 1.0], "val_accuracy": [0.9, 0.98], "loss": [2, 0.2], "val_loss": [1, 0.1]}
    )
    figure = figures.draw_history("title", history)
    accuracy, loss = figure.axes
    assert [line.get_label() for line in accuracy.lines] == ["training, augmented", "validation"]
    assert accuracy.lines[1].get_ydata() == pytest.approx([0.1, 0.02])  # mistakes, labelled as accuracy
    assert accuracy.lines[0].get_ydata()[1] > 0  # as there is no logarithm of 0
    assert loss.lines[1].get_ydata().tolist() == [1, 0.1]
    save_figure(tmp_path / "history.png", figure)
    assert {"90%", "98%"} <= {label.get_text() for label in accuracy.get_yticklabels(which="both")}


def test_draw_history_draws_base_behind_head_in_the_same_axes():
    columns = ["epoch", "accuracy", "val_accuracy", "loss", "val_loss"]
    base = pd.DataFrame([(1, 0.5, 0.6, 2, 1), (2, 0.7, 0.8, 1, 0.5)], columns=columns)
    _, loss = figures.draw_history("title", base.tail(1), base).axes
    assert [line.get_label() for line in loss.lines] == [
        f"{side}, {subset}" for side in ("base", "head") for subset in ("training, augmented", "validation")
    ]
    assert [line.get_ydata().tolist() for line in loss.lines] == [[2, 1], [1, 0.5], [1], [0.5]]
    assert [line.get_marker() for line in loss.lines] == ["", "", "o", "o"]  # a single epoch makes no line


@pytest.mark.parametrize("value", [0, 1e30, np.nan, np.inf])
def test_draw_history_draws_a_diverged_run(value: float, tmp_path: Path):
    history = pd.DataFrame({"epoch": [1, 2], **dict.fromkeys(("accuracy", "val_accuracy", "loss", "val_loss"), value)})
    save_figure(tmp_path / "history.png", figures.draw_history("title", history, history))
    assert (tmp_path / "history.png").stat().st_size > 0


def test_a_confusion_matrix_shows_each_count_in_its_place():
    counts = np.zeros((10, 10), int)
    counts[4, 4], counts[4, 9], counts[9, 4] = 2, 1, 1
    [axis] = figures.draw_confusion("title", counts).axes
    assert {(text.get_position(), text.get_text()) for text in axis.texts} == {
        ((4, 4), "2"), ((9, 4), "1"), ((4, 9), "1"),
    }  # fmt: skip
    assert axis.images[0].get_array().sum() == 2  # the mistakes alone
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("predicted", "actual")


def test_draw_confusion_shows_and_colours_the_change_from_base():
    base, head = np.zeros((10, 10), int), np.zeros((10, 10), int)
    base[4, 9], head[4, 9], base[9, 4], head[4, 4], base[1, 7], head[1, 7] = 1, 3, 2, 5, 6, 6
    [axis] = figures.draw_confusion("title", head, base).axes
    assert {text.get_position(): text.get_text() for text in axis.texts} == {
        (9, 4): "3\n+2", (4, 9): "0\n-2", (4, 4): "5\n+5", (7, 1): "6",
    }  # fmt: skip
    coloured = axis.images[0].get_array()
    assert (coloured[4, 9], coloured[9, 4], coloured[4, 4]) == (2, -2, 0)


def test_a_confusion_matrix_without_mistakes_is_drawn(tmp_path: Path):
    save_figure(tmp_path / "confusion.png", figures.draw_confusion("title", np.diag(np.arange(10))))
