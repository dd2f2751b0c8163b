import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from stages.artifacts.errors import PipelineError
from stages.ingest.kaggle_csv import Table
from stages.ingest.split import draw_validation_rows, take_in_order


def split(labels: np.ndarray, validation: float, seed: int, block: int = 100) -> np.ndarray:
    """The rows that are held out, in the order of the file, which is met block by block."""
    held_out = draw_validation_rows(np.bincount(labels, minlength=10), validation, seed)
    seen = np.zeros(10, int)
    blocks = [labels[start : start + block] for start in range(0, len(labels), block)]
    return np.flatnonzero(np.concatenate([take_in_order(held_out, seen, labels) for labels in blocks]))


def test_it_is_stratified_and_seeded(digits: Table):
    rows = split(digits.labels, 0.2, seed=1)
    shares = np.bincount(digits.labels[rows]) / np.bincount(digits.labels)
    assert np.allclose(shares, 0.2, atol=0.01)
    assert np.array_equal(split(digits.labels, 0.2, seed=1, block=7), rows)
    assert not np.array_equal(split(digits.labels, 0.2, seed=2), rows)


@given(
    counts=st.lists(st.integers(2, 60), min_size=10, max_size=10),
    validation=st.floats(0.001, 0.9),
    seed=st.integers(0, 2**31 - 1),
)
def test_the_rows_are_scikit_learns(counts: list[int], validation: float, seed: int):
    labels = np.random.RandomState(seed).permutation(np.repeat(np.arange(10), counts))
    try:
        _, expected = train_test_split(np.arange(len(labels)), test_size=validation, stratify=labels, random_state=seed)
    except ValueError:
        with pytest.raises(PipelineError, match="too few"):
            split(labels, validation, seed)
    else:
        assert np.array_equal(split(labels, validation, seed), np.sort(expected))


@pytest.mark.parametrize(("counts", "validation"), [([1] * 10, 0.1), ([1] + [99] * 9, 0.1), ([50] * 10, 0.01)])
def test_too_few_rows_are_an_error(counts: list[int], validation: float):
    with pytest.raises(PipelineError, match=r"data.train_csv: \d+ rows are too few .*split.validation"):
        draw_validation_rows(np.array(counts), validation, seed=1)
