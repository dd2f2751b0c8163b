"""Files of valid numbers that cannot be digits with ink = 255."""

from pathlib import Path

import numpy as np
import pytest

from stages.artifacts.errors import PipelineError
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import read_csv, save_csv


def without_header(path: Path) -> Path:
    path.write_bytes(path.read_bytes().partition(b"\n")[2])
    return path


SCALED = "no pixel exceeds 1, but ink is 255: are they scaled to 0-1? Multiply them by 255"
INVERTED = "1,797 of 1,797 images have bright corners, but paper is 0 and ink 255: write 255 - p for each pixel p"


@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize(
    ("change", "message"),
    [(lambda pixels: pixels // 128, SCALED), (lambda pixels: 255 - pixels, INVERTED), (np.zeros_like, SCALED)],
    ids=["0 and 1", "inverted", "blank"],
)
def test_read_blocks_refuses_implausible_pixels(change, message: str, labelled: bool, digits: Table, tmp_path: Path):
    path = save_csv(tmp_path / "train.csv", Table(change(digits.pixels), digits.labels if labelled else None))
    with pytest.raises(PipelineError) as error:
        read_csv(path)
    assert str(error.value) == f"{path}: {message}"


def test_read_blocks_reads_a_file_of_which_half_is_inverted(digits: Table, tmp_path: Path):
    pixels = digits.pixels[:100].copy()
    pixels[:50] = 255 - pixels[:50]
    assert np.array_equal(read_csv(save_csv(tmp_path / "test.csv", Table(pixels, None))).pixels, pixels)


def test_read_blocks_reads_faint_ink(digits: Table, tmp_path: Path):
    pixels = digits.pixels // 100  # 0, 1 and 2
    assert np.array_equal(read_csv(save_csv(tmp_path / "test.csv", Table(pixels, None))).pixels, pixels)


def test_read_blocks_refuses_the_label_last_without_a_header(digits: Table, tmp_path: Path):
    shifted = np.column_stack([digits.pixels[:, 1:], digits.labels])
    path = save_csv(tmp_path / "train.csv", Table(shifted, digits.pixels[:, 0]))
    with pytest.raises(PipelineError, match="column 785 is a digit: if the label is last, add a first line"):
        read_csv(without_header(path))


def test_read_blocks_reads_zeros_alone_without_a_header(digits: Table, tmp_path: Path):
    zeros = digits.pixels[digits.labels == 0]
    path = save_csv(tmp_path / "train.csv", Table(zeros, np.zeros(len(zeros), np.uint8)))
    assert np.array_equal(read_csv(without_header(path)).pixels, zeros)
