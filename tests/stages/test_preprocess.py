import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from stages import preprocess
from stages.artifacts import arrays, image_ids, paths
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import normalise
from stages.config.params import DataParams
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import save_csv


def test_normalise_scales_and_keeps_the_order():
    pixels = np.arange(784, dtype=np.uint16).astype(np.uint8).reshape(1, 784)
    images = normalise(pixels)
    assert images.shape == (1, 28, 28)
    assert images.dtype == np.float32
    assert images.min() == 0
    assert images.max() == 1
    assert images[0, 1, 2] == np.float32(30) / 255  # row-major


@pytest.fixture
def data(digits: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataParams:
    """A folder with a user's CSVs: 1,400 rows to train on, and the other 397 without their labels."""
    monkeypatch.chdir(tmp_path)
    save_csv(Path("train.csv"), Table(*(part[:1400] for part in digits)))
    save_csv(Path("test.csv"), Table(digits.pixels[1400:], None))
    return DataParams(train_csv="train.csv", test_csv="test.csv")


def test_write_arrays_puts_each_row_into_one_subset(data: DataParams, digits: Table):
    tallies = preprocess.write_arrays(data, 0.2, seed=1)
    assert {subset: tally.rows for subset, tally in tallies.items()} == {"train": 1120, "validation": 280, "test": 397}
    train, validation, test = map(arrays.load, ("train", "validation", "test"))
    _, held_out = train_test_split(np.arange(1400), test_size=0.2, stratify=digits.labels[:1400], random_state=1)
    is_validation = np.isin(np.arange(1400), held_out)
    for subset, rows in ((train, ~is_validation), (validation, is_validation)):
        assert np.array_equal(subset.images, normalise(digits.pixels[:1400][rows]))
        assert np.array_equal(subset.labels, digits.labels[:1400][rows])
    assert np.array_equal(test.images, normalise(digits.pixels[1400:]))
    assert test.labels.shape == (0,)


def test_write_arrays_writes_the_line_of_each_row(data: DataParams, digits: Table):
    preprocess.write_arrays(data, 0.2, seed=1)
    lines = {subset: arrays.load_lines(subset) for subset in ("train", "validation", "test")}
    assert sorted([*lines["train"], *lines["validation"]]) == list(range(2, 1402))
    for subset, csv in (("train", "train.csv"), ("validation", "train.csv"), ("test", "test.csv")):
        text = Path(csv).read_text().splitlines()
        for row in (0, 250, -1):
            pixels = [int(cell) for cell in text[lines[subset][row] - 1].split(",")][-784:]
            assert np.array_equal(arrays.load_images(subset)[row], normalise(np.array([pixels], np.uint8))[0])


def test_write_arrays_counts_lines_from_1_if_there_is_no_header(data: DataParams):
    for name in ("train.csv", "test.csv"):
        Path(name).write_text(Path(name).read_text().partition("\n")[2])
    preprocess.write_arrays(data, 0.2, seed=1)
    assert sorted([*arrays.load_lines("train"), *arrays.load_lines("validation")]) == list(range(1, 1401))
    assert arrays.load_lines("test").tolist() == list(range(1, 398))


def test_write_arrays_changes_nothing_after_an_error(data: DataParams):
    preprocess.write_arrays(data, 0.2, seed=1)
    before = {path.name: path.read_bytes() for path in arrays.FOLDER.iterdir()}
    Path("test.csv").write_bytes(Path("test.csv").read_bytes()[:-5])
    with pytest.raises(PipelineError, match=r"test.csv, line 398"):
        preprocess.write_arrays(data, 0.3, seed=2)
    assert {path.name: path.read_bytes() for path in arrays.FOLDER.iterdir()} == before


def test_write_arrays_needs_labels_to_train_on(data: DataParams, digits: Table):
    save_csv(Path("train.csv"), Table(digits.pixels, None))
    with pytest.raises(PipelineError, match=r"train.csv, line 1: expected a column 'label'"):
        preprocess.write_arrays(data, 0.2, seed=1)


def test_write_arrays_needs_every_digit_to_train_on(data: DataParams, digits: Table):
    kept = (digits.labels != 3) & (digits.labels != 8)
    save_csv(Path("train.csv"), Table(digits.pixels[kept], digits.labels[kept]))
    with pytest.raises(PipelineError, match="no row has the label 3, 8"):
        preprocess.write_arrays(data, 0.2, seed=1)


def report_of(data: DataParams) -> dict[str, bytes]:
    """Write the report; return its files."""
    preprocess.write_report(preprocess.write_arrays(data, 0.2, seed=1), data)
    return {path.as_posix(): path.read_bytes() for path in [paths.DATA_METRICS, *paths.DATA_PLOTS.iterdir()]}


def test_write_report_is_silent_and_the_same_in_every_run(data: DataParams, capsys):
    first = report_of(data)
    assert set(first) == {
        "metrics/data.json", "plots/data/classes.csv", "plots/data/ink.csv", "plots/data/means.png",
        "plots/data/samples.png",
    }  # fmt: skip
    assert report_of(data) == first
    assert capsys.readouterr().err == ""


def test_write_report_counts_leaks_and_duplicates_and_names_their_lines(data: DataParams, digits: Table, capsys):
    rows = [*range(1400), *[7] * 9]  # row 7 has ten copies: with this seed in both subsets
    save_csv(Path("train.csv"), Table(digits.pixels[rows], digits.labels[rows]))
    save_csv(Path("test.csv"), Table(digits.pixels[[1400, 7, 1401]], None))
    figures = json.loads(report_of(data)["metrics/data.json"])
    copies = np.array([9, *range(1402, 1411)])  # their lines
    train = arrays.load_lines("train")[np.isin(arrays.load_lines("train"), copies)].tolist()
    assert 1 < len(train) < 10
    assert figures["train"]["in_validation"] == figures["train"]["in_test"] == len(train)
    assert figures["train"]["duplicates"] == len(train) - 1
    duplicates, in_validation, in_test = capsys.readouterr().err.splitlines()
    assert duplicates.startswith("warning: train.csv: training images that repeat an earlier one: ")
    assert f"(line {train[1]}, {train[2]}" in duplicates
    assert f"(line {train[0]}, {train[1]}" in in_validation
    assert "also in test.csv" in in_test


def test_write_arrays_numbers_the_test_images(data: DataParams):
    preprocess.write_arrays(data, 0.2, seed=1)
    assert list(image_ids.read(397)) == ["ImageId", *map(str, range(1, 398))]


def test_write_arrays_writes_the_ids_of_the_test_images(data: DataParams):
    names, *rows = Path("test.csv").read_text().splitlines()
    lines = [f"Id,{names}", *(f"{number * 7},{row}" for number, row in enumerate(rows))]
    Path("test.csv").write_text("\n".join(lines) + "\n")
    preprocess.write_arrays(data, 0.2, seed=1)
    assert list(image_ids.read(397)) == ["Id", *(str(number * 7) for number in range(397))]


def test_write_arrays_prints_how_each_csv_was_read(data: DataParams, capsys: pytest.CaptureFixture[str]):
    preprocess.write_arrays(data, 0.2, seed=1)
    assert capsys.readouterr().out.splitlines() == [
        "train.csv: columns pixel0 to pixel783, label first, 1,400 rows",
        "test.csv: columns pixel0 to pixel783, no label, 397 rows",
    ]


@pytest.mark.parametrize("default", [True, False])
def test_warn_about_unused_files(default: bool, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/train.csv").touch()
    used = str(paths.MNIST_TRAIN_CSV) if default else "data/train.csv"
    preprocess.warn_about_unused_files(DataParams(train_csv=used, test_csv=str(paths.MNIST_TEST_CSV)))
    warned = capsys.readouterr().err
    assert ("dvc add data/train.csv" in warned) == default
    assert "data/test.csv" not in warned
