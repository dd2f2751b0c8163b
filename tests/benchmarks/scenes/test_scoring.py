from typing import NamedTuple

import numpy as np
from PIL import Image

from benchmarks.scenes.photo import encode
from benchmarks.scenes.scoring import Scene, Score, score
from benchmarks.scenes.table import meets_target, report
from stages.artifacts.errors import PipelineError
from tests.helpers.markdown_cells import cells


class FakeReading(NamedTuple):
    number: str
    probability: float
    doubt: str | None = None


class FakeReader:
    """Reads the value of the top left pixel; sees nothing in 255."""

    def __init__(self, probability: float, doubt: str | None = None):
        self._probability, self._doubt = probability, doubt

    def read(self, picture: np.ndarray) -> FakeReading:
        if picture[0, 0, 0] == 255:
            raise PipelineError("no digit found")
        return FakeReading(str(picture[0, 0, 0]), self._probability, self._doubt)


def scene(value: int, number: str | None) -> Scene:
    return Scene(encode(Image.new("L", (30, 30), value), "PNG"), number)


def test_score_counts_right_refused_wrong_and_surely_wrong():
    scenes = [scene(7, "7"), scene(7, "1"), scene(7, None), scene(255, "7"), scene(255, None)]
    assert score(iter(scenes), FakeReader(0.9)) == Score(right=1, refused=2, wrong=2, sure=2)
    assert score(iter(scenes), FakeReader(0.89)) == Score(right=1, refused=2, wrong=2, sure=0)


def test_a_doubt_is_a_refusal():
    assert score(iter([scene(7, "7")]), FakeReader(0.99, doubt="unsure: 7 or 1")) == Score(0, 1, 0, 0)


def test_targets_of_a_kind_of_one_digit():
    assert meets_target("digit", Score(32, 6, 2, 1))
    assert not meets_target("digit", Score(31, 9, 0, 0))
    assert not meets_target("digit", Score(37, 0, 3, 0))
    assert not meets_target("digit", Score(38, 0, 2, 2))


def test_targets_of_numbers_and_of_nothing():
    assert meets_target("number", Score(38, 0, 2, 2))
    assert not meets_target("number", Score(37, 3, 0, 0))
    assert meets_target("nothing", Score(0, 0, 40, 40)) is None


def test_report_marks_kinds_that_miss_their_target():
    page = report({"clean_sheet": Score(40, 0, 0, 0), "circled": Score(20, 10, 10, 5)}, "the command")
    lines = cells(page)
    assert lines[1] == ["clean sheet", "40", "0", "0", "0", "met"]
    assert lines[2] == ["circled", "20", "10", "10", "5", "**missed**"]
    assert "1 of 2 kinds meet the target" in page
    assert "75.0% right" in page
