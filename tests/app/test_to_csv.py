import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app import to_csv
from app.reading.pictures import read_pages
from app.reading.single import single_digit
from benchmarks.strokes import image as draw
from stages.ingest.kaggle_csv import Table
from tests.helpers.commands import exit_status
from tests.helpers.datasets import read_csv, rows, save_csv
from tests.helpers.workspace import ROOT
from tests.helpers.written import sheet


@pytest.fixture(autouse=True)
def folder(digits: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with images digits/D/D.png of the digits 0-4 and a labelled CSV of 30 digits."""
    for digit in range(5):
        (tmp_path / f"digits/{digit}").mkdir(parents=True)
        draw(digit, 60).save(tmp_path / f"digits/{digit}/{digit}.png")
    save_csv(tmp_path / "mnist.csv", rows(digits, 0, 30))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command to its end; return the exit status."""
    return exit_status(monkeypatch, to_csv.main, *arguments)


def prepared(*digits: int) -> list[np.ndarray]:
    return [single_digit(next(read_pages(f"digits/{digit}/{digit}.png"))).reshape(784) for digit in digits]


def test_a_folder_becomes_a_csv_that_the_pipeline_reads(folder: Path, monkeypatch, capsys):
    assert call(monkeypatch, "digits", "-o", "data/train.csv") == 0
    table = read_csv(folder / "data/train.csv")
    assert np.array_equal(table.pixels, prepared(0, 1, 2, 3, 4))
    assert table.labels.tolist() == [0, 1, 2, 3, 4]
    captured = capsys.readouterr()
    assert captured.out == f"{Path('data/train.csv')}: 5 rows\n"
    assert captured.err == ""  # no progress bar, as this is not a terminal


def test_a_terminal_gets_a_progress_bar(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert call(monkeypatch, "digits", "--with", "mnist.csv", "-o", "train.csv") == 0
    printed = capsys.readouterr().err
    assert "mnist.csv: 1 blocks" in printed
    assert "5/5" in printed


def test_with_puts_the_rows_of_a_csv_first_and_byte_by_byte(folder: Path, monkeypatch):
    assert call(monkeypatch, "digits", "--with", "mnist.csv", "-o", "train.csv") == 0
    assert (folder / "train.csv").read_bytes().startswith((folder / "mnist.csv").read_bytes())
    assert np.array_equal(read_csv(folder / "train.csv").pixels[30:], prepared(0, 1, 2, 3, 4))


def test_unlabelled_writes_no_labels_of_any_source(folder: Path, digits: Table, monkeypatch):
    Image.open("digits/3/3.png").save("scan.png")
    np.savez("own.npz", images=digits.pixels[:2])
    sources = ("scan.png", "own.npz", "digits/1")
    assert call(monkeypatch, *sources, "--with", "mnist.csv", "--unlabelled", "-o", "test.csv") == 0
    table = read_csv(folder / "test.csv")
    assert table.labels is None
    assert np.array_equal(table.pixels, [*digits.pixels[:30], *prepared(3), *digits.pixels[:2], *prepared(1)])


def test_an_image_that_cannot_be_read_is_left_out_with_an_error_line(folder: Path, monkeypatch, capsys):
    (folder / "digits/2/notes.txt").write_text("no image")
    Image.new("L", (50, 50), 255).save(folder / "digits/3/blank.png")
    sheet("44").save(folder / "digits/4/number.png")
    assert call(monkeypatch, "digits", "-o", "train.csv") == 1
    assert read_csv(folder / "train.csv").labels.tolist() == [0, 1, 2, 3, 4]
    captured = capsys.readouterr()
    assert captured.out == "train.csv: 5 rows\n"
    assert captured.err.splitlines() == [
        f"error: {Path('digits/2/notes.txt')}: not an image or a PDF",
        f"error: {Path('digits/3/blank.png')}: no ink: the picture is blank",
        f"error: {Path('digits/4/number.png')}: expected one digit, found 2: cut each out",
        "left out: 3, which are not readable pictures of one digit",
    ]


ERRORS = {
    "a missing source": (["sevens"], "sevens: no such file or folder"),
    "a missing CSV": (["digits", "--with", "data/mnist.csv"], "mnist.csv: no such file (the pipeline makes"),
    "a damaged CSV": (["digits", "--with", "digits/1/1.png"], "line 1"),
    "a damaged file": (["digits", "damaged.npz"], "damaged.npz: damaged"),
    "a CSV without labels": (["digits", "--with", "test.csv"], "test.csv has no labels: add --unlabelled"),
    "nothing that is an image": (["notes.txt", "--unlabelled"], "no rows: the sources have no readable images, IDX"),
}


@pytest.mark.parametrize(("arguments", "message"), ERRORS.values(), ids=ERRORS.keys())
def test_an_error_writes_no_file(arguments: list[str], message: str, folder: Path, digits: Table, monkeypatch, capsys):
    (folder / "damaged.npz").write_bytes(b"PK\x03\x04damaged")
    (folder / "notes.txt").write_text("three")
    save_csv(folder / "test.csv", Table(digits.pixels[:3], None))
    before = sorted(folder.iterdir())
    assert call(monkeypatch, *arguments, "-o", "train.csv") == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ")
    assert message in error
    assert sorted(folder.iterdir()) == before


def test_an_existing_file_is_kept_unless_forced(folder: Path, monkeypatch, capsys):
    (folder / "train.csv").write_text("precious")
    assert call(monkeypatch, "digits", "-o", "train.csv") == 1
    assert (folder / "train.csv").read_text() == "precious"
    assert "error: train.csv exists: name another output, or add --force" in capsys.readouterr().err
    assert call(monkeypatch, "digits", "-o", "train.csv", "--force") == 0
    assert len(read_csv(folder / "train.csv").pixels) == 5


@pytest.mark.parametrize("output", ["mnist.csv", "digits/1/1.png", "digits/../mnist.csv"])
def test_a_file_that_is_read_is_never_replaced(output: str, folder: Path, monkeypatch, capsys):
    before = (folder / output).read_bytes()
    assert call(monkeypatch, "digits", "--with", "mnist.csv", "-o", output, "--force") == 1
    assert (folder / output).read_bytes() == before
    assert "is one of the files to read: name another output" in capsys.readouterr().err


def test_only_the_packages_of_the_app_are_imported():
    code = "import sys, app.to_csv; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    others = {"tensorflow", "keras", "dvc", "pandas", "matplotlib", "sklearn", "scipy", "pooch", "requests", "pyarrow"}
    assert others & set(loaded.stdout.split()) == set()
