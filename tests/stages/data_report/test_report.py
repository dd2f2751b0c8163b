import io

import numpy as np
import pandas as pd
import pytest

from stages.artifacts.images import normalise
from stages.config.params import DataParams
from stages.data_report import report
from stages.data_report.tally import Tally
from stages.ingest.kaggle_csv import Table

NONE = {kind: np.empty(0, int) for kind in ("duplicates", "in_validation", "in_test")}
DATA = DataParams(train_csv="a/train.csv", test_csv="b/test.csv")


@pytest.fixture(params=[True, False], ids=["labelled test", "unlabelled test"])
def tallies(digits: Table, request: pytest.FixtureRequest) -> dict[str, Tally]:
    found = {}
    for subset, start, stop in (("train", 0, 1000), ("validation", 1000, 1200), ("test", 1200, 1797)):
        labels = digits.labels[start:stop] if request.param or subset != "test" else np.empty(0, np.uint8)
        found[subset] = Tally()
        found[subset].add(digits.pixels[start:stop], labels)
    return found


def test_figures_are_at_most_twelve(tallies):
    found = report.figures(tallies, NONE | {"in_test": np.array([3, 4])})
    assert sum(map(len, found.values())) <= 12
    assert {subset: figures["rows"] for subset, figures in found.items()} == {
        "train": 1000, "validation": 200, "test": 597,
    }  # fmt: skip
    assert (found["train"]["in_test"], found["train"]["duplicates"]) == (2, 0)
    assert found["test"]["ink"] == round(tallies["test"].ink, 5)


def test_warnings_name_the_count_and_the_first_lines():
    lines = np.arange(2, 1002)
    repeated = NONE | {"duplicates": np.arange(1, 9), "in_test": np.array([5])}
    assert list(report.warnings(repeated, lines, DATA)) == [
        "a/train.csv: training images that repeat an earlier one: 8 (line 3, 4, 5, 6, 7, ...)",
        "a/train.csv: training images that are also in b/test.csv, whose accuracy will be too high: 1 (line 7)",
    ]
    assert list(report.warnings(NONE, lines, DATA)) == []


def test_class_counts_are_empty_if_labels_are_unknown(tallies, digits: Table):
    text = report.class_counts(tallies).to_csv(index=False)
    table = pd.read_csv(io.StringIO(text))
    assert list(table) == ["digit", "train", "validation", "test"]
    assert table.train.tolist() == np.bincount(digits.labels[:1000]).tolist()
    assert table.test.isna().all() == (not tallies["test"].labelled)
    assert "," in text.splitlines()[1]


def test_ink_histogram_ends_with_the_last_bin_that_occurs(tallies, digits: Table):
    table = report.ink_histogram(tallies)
    assert table[["train", "validation", "test"]].sum().tolist() == pytest.approx([1, 1, 1])
    most = digits.pixels.mean(axis=1).max() / 255
    assert table.ink.iloc[-1] == pytest.approx(most, abs=0.005)
    assert table.ink.iloc[0] == 0.005


def test_draw_means_shows_the_labelled_subsets(tallies):
    [axis] = report.draw_means(tallies).axes
    labelled = [subset for subset, tally in tallies.items() if tally.labelled]
    assert [label.get_text() for label in axis.get_yticklabels()] == labelled
    drawn = axis.images[0].get_array()
    assert drawn.shape == (28 * len(labelled), 280)
    assert np.array_equal(drawn[28:56, 84:112], tallies["validation"].mean_images[3])


def test_draw_samples_shows_a_column_for_each_digit(digits: Table):
    images = [normalise(digits.pixels[digits.labels == digit])[: digit // 3] for digit in range(10)]
    [axis] = report.draw_samples(images).axes
    drawn = axis.images[0].get_array()
    assert drawn.shape == (3 * 28, 280)
    assert np.array_equal(drawn[28:56, 6 * 28 : 7 * 28], images[6][1])
    assert not drawn[:, :84].any()
    assert [label.get_text() for label in axis.get_xticklabels()] == list("0123456789")
