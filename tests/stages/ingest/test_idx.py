import numpy as np
import pytest

from stages.artifacts.errors import PipelineError
from stages.ingest.idx import read_idx
from stages.ingest.kaggle_csv import Table
from tests.helpers.small_mnist import to_idx


def test_read_idx_returns_images_as_rows(digits: Table):
    assert np.array_equal(read_idx(to_idx(digits.pixels[:9].reshape(9, 28, 28))), digits.pixels[:9])


def test_read_idx_returns_labels(digits: Table):
    assert np.array_equal(read_idx(to_idx(digits.labels)), digits.labels)


def test_read_idx_returns_no_images_of_an_empty_file():
    assert read_idx(to_idx(np.zeros((0, 28, 28), np.uint8))).shape == (0, 784)


WHOLE = to_idx(np.arange(8, dtype=np.uint8).reshape(2, 2, 2))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file"),
        (WHOLE[:3], "not an IDX file"),
        (WHOLE[:15], "not an IDX file"),
        (b"\0\0\x08\0", "not an IDX file"),
        (b"\0\0\x0d" + WHOLE[3:], "not an IDX file of unsigned bytes"),  # floats
        (WHOLE[:-1], "expected 24 bytes, found 23"),
        (WHOLE + b"\0", "expected 24 bytes, found 25"),
    ],
)
def test_read_idx_refuses_damage(content: bytes, message: str):
    with pytest.raises(PipelineError, match=message):
        read_idx(content)
