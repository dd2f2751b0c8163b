import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from stages.artifacts.errors import PipelineError
from stages.ingest.kaggle_csv import Table
from stages.ingest.split import draw_validation_rows


def test_draw_validation_rows_is_stratified(digits: Table):
    held_out = draw_validation_rows(digits.labels, 0.2, seed=1)
    shares = np.bincount(digits.labels[held_out]) / np.bincount(digits.labels)
    assert held_out.sum() == 360
    assert np.allclose(shares, 0.2, atol=0.01)


def test_draw_validation_rows_depends_on_the_seed_alone(digits: Table):
    first = draw_validation_rows(digits.labels, 0.2, seed=1)
    assert np.array_equal(draw_validation_rows(digits.labels, 0.2, seed=1), first)
    assert not np.array_equal(draw_validation_rows(digits.labels, 0.2, seed=2), first)


def test_draw_validation_rows_returns_the_test_rows_of_scikit_learn(digits: Table):
    rows = np.arange(len(digits.labels))
    _, expected = train_test_split(rows, test_size=0.1, stratify=digits.labels, random_state=42)
    assert np.array_equal(np.flatnonzero(draw_validation_rows(digits.labels, 0.1, seed=42)), np.sort(expected))


@pytest.mark.parametrize(
    ("counts", "validation"),
    [([1] * 10, 0.1), ([1] + [99] * 9, 0.1), ([50] * 10, 0.01), ([2] * 10, 0.9), ([2] * 10, 0.999)],
)
def test_draw_validation_rows_reports_too_few_rows(counts: list[int], validation: float):
    labels = np.repeat(np.arange(10, dtype=np.uint8), counts)
    with pytest.raises(PipelineError, match=r"^data.train_csv: \d+ rows are too few .*split.validation.*: .+$"):
        draw_validation_rows(labels, validation, seed=1)
