from pathlib import Path

import numpy as np
import pytest

from stages import paths, prepared, preprocess
from stages.errors import PipelineError
from stages.images import normalise
from stages.kaggle_csv import Table
from stages.params import DataParams
from tests.conftest import save_csv


def test_normalise_keeps_the_ink():
    pixels = np.arange(784, dtype=np.uint16).astype(np.uint8).reshape(1, 784)
    images = normalise(pixels)
    assert images.shape == (1, 28, 28) and images.dtype == np.float32
    assert images.min() == 0 and images.max() == 1
    assert images[0, 1, 2] == np.float32(30) / 255  # row-major


def test_the_split_is_stratified_disjoint_and_seeded(digits: Table):
    train, validation = preprocess.split_rows(digits.labels, 0.2, seed=1)
    assert np.array_equal(np.sort(np.concatenate([train, validation])), np.arange(len(digits.labels)))
    shares = np.bincount(digits.labels[validation]) / np.bincount(digits.labels)
    assert np.allclose(shares, 0.2, atol=0.01)
    assert np.array_equal(preprocess.split_rows(digits.labels, 0.2, seed=1)[1], validation)
    assert not np.array_equal(preprocess.split_rows(digits.labels, 0.2, seed=2)[1], validation)


def test_too_few_rows_to_split_is_an_error():
    with pytest.raises(PipelineError, match=r"10 rows cannot be split with split.validation 0.1"):
        preprocess.split_rows(np.arange(10), 0.1, seed=1)


def test_arrays_come_back_memory_mapped(digits: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    preprocess.save("train", digits)
    loaded = prepared.load("train")
    assert isinstance(loaded.images, np.memmap)
    assert np.array_equal(loaded.images, normalise(digits.pixels))
    assert np.array_equal(loaded.labels, digits.labels)


def test_no_labels_is_an_empty_array(digits: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    preprocess.save("test", Table(digits.pixels, None))
    assert prepared.load("test").labels.shape == (0,)
    assert len(prepared.load_images("test")) == len(digits.pixels)


def test_training_rows_need_labels(digits: Table, tmp_path: Path):
    path = save_csv(tmp_path / "train.csv", Table(digits.pixels, None))
    with pytest.raises(PipelineError, match=r"train.csv, line 1, column 1: expected the header 'label'"):
        preprocess.read_train_csv(path)


def test_training_rows_need_every_digit(digits: Table, tmp_path: Path):
    kept = (digits.labels != 3) & (digits.labels != 8)
    path = save_csv(tmp_path / "train.csv", Table(digits.pixels[kept], digits.labels[kept]))
    with pytest.raises(PipelineError, match="no row has the label 3, 8"):
        preprocess.read_train_csv(path)


@pytest.mark.parametrize("default", [True, False])
def test_a_file_that_lies_unused_is_pointed_out(default: bool, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/train.csv").touch()
    used = str(paths.MNIST_TRAIN_CSV) if default else "data/train.csv"
    preprocess.warn_of_unused_files(DataParams(train_csv=used, test_csv=str(paths.MNIST_TEST_CSV)))
    warned = capsys.readouterr().err
    assert ("dvc add data/train.csv" in warned) == default
    assert "data/test.csv" not in warned
