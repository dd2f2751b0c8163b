from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages import evaluate
from stages.artifacts.images import normalise
from stages.artifacts.results import save_figure, save_table
from stages.evaluation import figures, metrics
from stages.evaluation.metrics import PredictionResults, Reliability
from stages.ingest.kaggle_csv import Table


def results_of(actual: Sequence[int], predicted: Sequence[int], confidence: Sequence[float]) -> PredictionResults:
    probabilities = np.full((len(actual), 10), 0.01, np.float32)
    probabilities[np.arange(len(actual)), predicted] = confidence
    return metrics.prediction_results(np.array(actual, np.uint8), probabilities)


def test_the_surest_mistake_comes_first():
    outcomes = results_of([0, 2, 0, 0], [1, 2, 3, 4], [0.5, 0.9, 0.7, 0.8])
    assert evaluate.most_confident_mistakes(outcomes).tolist() == [3, 2, 0]


def test_pictures_name_actual_predicted_and_probability(digits: Table):
    outcomes = results_of([7, 1, 2], [7, 7, 7], [0.91] * 3)
    figure = figures.draw_predictions("title", normalise(digits.pixels[:3]), outcomes)
    drawn = [axis for axis in figure.axes if axis.images]
    assert [axis.get_title() for axis in drawn] == [
        "actual 7\npredicted 7\n91.0%", "actual 1\npredicted 7\n91.0%", "actual 2\npredicted 7\n91.0%",
    ]  # fmt: skip
    assert np.array_equal(drawn[0].images[0].get_array(), normalise(digits.pixels[:1])[0])
    assert drawn[0].title.get_color() != drawn[1].title.get_color()


@pytest.mark.slow
@pytest.mark.parametrize("shown", [0, 3, 40, 50])
def test_a_picture_is_drawn_of_any_number_and_saved_alike(shown: int, digits: Table, tmp_path: Path):
    outcomes = results_of(digits.labels[:shown], digits.labels[:shown], [1.0] * shown)
    for name in ("a.png", "b.png"):
        figure = figures.draw_predictions("title", normalise(digits.pixels[:shown]), outcomes)
        save_figure(tmp_path / name, figure)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_tables_have_one_row_per_image_and_per_digit(tmp_path: Path):
    evaluate.save_tables(tmp_path, results_of([0, 2, 2], [1, 2, 2], [0.5, 0.9, 0.7]))
    assert (tmp_path / "predictions.csv").read_text() == "actual,predicted\n0,1\n2,2\n2,2\n"
    assert len((tmp_path / "losses.csv").read_text().splitlines()) == 4
    assert pd.read_csv(tmp_path / "digits.csv").digit.tolist() == [0, 2]
    assert list(pd.read_csv(tmp_path / "reliability.csv")) == list(Reliability._fields)


def test_mistakes_name_the_line_of_each_misclassified_image_by_loss():
    validation = results_of([0, 2, 7], [1, 2, 8], [0.5, 0.9, 0.9])
    test = results_of([5, 7], [3, 7], [0.8, 0.9])
    test.loss[0] = 9
    found = evaluate.mistakes([("a.csv", np.array([2, 5, 9]), validation), ("b.csv", np.array([2, 3]), test)])
    assert found[["file", "line", "actual", "predicted"]].values.tolist() == [
        ["b.csv", 2, 5, 3], ["a.csv", 2, 0, 1], ["a.csv", 9, 7, 8],
    ]  # fmt: skip
    assert found.probability.tolist() == pytest.approx([0.8, 0.5, 0.9])
    assert found.loss.tolist() == pytest.approx([9, -np.log(0.01), -np.log(0.01)])


def test_mistakes_have_a_header_if_there_are_none(tmp_path: Path):
    save_table(tmp_path / "m.csv", evaluate.mistakes([("a.csv", np.array([2]), results_of([3], [3], [0.9]))]))
    assert (tmp_path / "m.csv").read_text() == "file,line,actual,predicted,probability,loss\n"
