from pathlib import Path

import numpy as np
import pytest

from stages import evaluate, pictures
from stages.images import normalise
from stages.kaggle_csv import Table


def test_the_surest_mistake_comes_first():
    probabilities = np.full((4, 10), 0.01)
    for row, (digit, probability) in enumerate([(1, 0.5), (2, 0.9), (3, 0.7), (4, 0.8)]):
        probabilities[row, digit] = probability
    assert evaluate.most_confident_mistakes(np.array([0, 2, 0, 0]), probabilities).tolist() == [3, 2, 0]


def test_pictures_name_actual_predicted_and_probability(digits: Table):
    probabilities = np.full((3, 10), 0.01)
    probabilities[:, 7] = 0.91
    figure = pictures.draw_predictions("title", normalise(digits.pixels[:3]), np.array([7, 1, 2]), probabilities)
    drawn = [axis for axis in figure.axes if axis.images]
    assert [axis.get_title() for axis in drawn] == [
        "actual 7\npredicted 7\n91.0%", "actual 1\npredicted 7\n91.0%", "actual 2\npredicted 7\n91.0%",
    ]  # fmt: skip
    assert np.array_equal(drawn[0].images[0].get_array(), normalise(digits.pixels[:1])[0])
    assert drawn[0].title.get_color() != drawn[1].title.get_color()


@pytest.mark.parametrize("shown", [0, 3, 40, 50])
def test_a_picture_is_drawn_of_any_number_and_saved_alike(shown: int, digits: Table, tmp_path: Path):
    probabilities = np.eye(10)[digits.labels[:shown]]
    for name in ("a.png", "b.png"):
        figure = pictures.draw_predictions(
            "title", normalise(digits.pixels[:shown]), digits.labels[:shown], probabilities
        )
        pictures.save(figure, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
