import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app import sources
from app.data_files import Options
from app.reading.pictures import read_pages
from app.reading.single import single_digit
from benchmarks.strokes import image as draw
from stages.artifacts.errors import PipelineError
from stages.ingest.kaggle_csv import Table
from tests.helpers.written import sheet


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Images digits/D/D.png of the digits 0-4, and a hidden file."""
    for digit in range(5):
        (tmp_path / f"digits/{digit}").mkdir(parents=True)
        draw(digit, 60).save(tmp_path / f"digits/{digit}/{digit}.png")
    (tmp_path / "digits/.DS_Store").write_bytes(b"\0")
    return tmp_path / "digits"


def labelled(reported: list[str]) -> Options:
    return Options(labelled=True, split=None, report=lambda place, error: reported.append(f"{place}: {error}"))


def test_find_files_sorts_a_folder_and_leaves_hidden_files_out(folder: Path):
    assert sources.find_files([folder]) == [folder / f"{digit}/{digit}.png" for digit in range(5)]


def test_find_files_reads_a_folder_within_a_hidden_one(folder: Path):
    hidden = folder.rename(folder.with_name(".digits"))
    assert len(sources.find_files([hidden])) == 5


def test_find_files_keeps_the_order_of_the_sources(folder: Path):
    found = sources.find_files([folder / "3/3.png", folder / "1", folder / "3/3.png"])
    assert [path.name for path in found] == ["3.png", "1.png", "3.png"]


def test_find_files_refuses_a_missing_source(folder: Path):
    with pytest.raises(PipelineError, match=r"sevens: no such file or folder"):
        sources.find_files([folder, folder / "sevens"])


def test_find_files_refuses_a_folder_without_files(folder: Path):
    (folder / "9").mkdir()
    with pytest.raises(PipelineError, match=r"9: no files in this folder"):
        sources.find_files([folder / "9"])


def test_read_prepares_images_as_predict_does_and_labels_them_by_folder(folder: Path):
    reported: list[str] = []
    [table] = sources.read(sources.find_files([folder]), labelled(reported))
    pictures = [next(read_pages(str(folder / f"{digit}/{digit}.png"))) for digit in range(5)]
    expected = [single_digit(picture).reshape(784) for picture in pictures]
    assert np.array_equal(table.pixels, expected)
    assert table.labels.tolist() == [0, 1, 2, 3, 4]
    assert table.labels.dtype == np.uint8
    assert reported == []


@pytest.mark.parametrize("source", [".", "4.png"])
def test_read_finds_the_label_of_the_current_folder(source: str, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder / "4")
    [table] = sources.read(sources.find_files([Path(source)]), labelled([]))
    assert table.labels.tolist() == [4]


def test_read_reports_an_image_outside_a_labelled_folder(folder: Path):
    reported: list[str] = []
    draw(7, 60).save(folder / "seven.png")
    [table] = sources.read(sources.find_files([folder]), labelled(reported))
    assert table.labels.tolist() == [0, 1, 2, 3, 4]
    assert reported == [f"{folder}/seven.png: expected a folder named by its label, 0 to 9, found 'digits'"]


def test_read_without_labels_needs_no_labelled_folder(folder: Path):
    draw(7, 60).save(folder / "seven.png")
    [table] = sources.read(sources.find_files([folder]), labelled([])._replace(labelled=False))
    assert table.pixels.shape == (6, 784)
    assert table.labels is None


def broken(path: Path) -> Iterator[Path]:
    content = path.read_bytes()
    for name, damaged in {"text": b"no image", "cut": content[: len(content) // 2], "empty": b""}.items():
        path.with_name(name).write_bytes(damaged)
        yield path.with_name(name)
    Image.new("L", (50, 50), 255).save(path.with_name("blank.png"))
    yield path.with_name("blank.png")
    os.symlink("nowhere", path.with_name("dangling"))
    yield path.with_name("dangling")


def test_read_reports_each_image_that_cannot_be_read(folder: Path):
    reported: list[str] = []
    paths = sorted(broken(folder / "2/2.png"))
    [table] = sources.read(sources.find_files([folder]), labelled(reported))
    assert table.labels.tolist() == [0, 1, 2, 3, 4]
    assert [line.split(": ")[0] for line in reported] == [str(path) for path in paths]


@pytest.mark.parametrize("kind", ["pdf", "tiff"])
def test_read_takes_each_page_of_a_file_and_reports_the_others_by_number(kind: str, folder: Path):
    path = folder / f"3/pages.{kind}"
    pages = [draw(3, 60), Image.new("L", (60, 60), 255), sheet("33"), draw(3, 90)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    reported: list[str] = []
    [table] = sources.read([path], labelled(reported))
    assert table.labels.tolist() == [3, 3]
    assert reported == [
        f"{path}#page=2: no ink: the picture is blank",
        f"{path}#page=3: expected one digit, found 2: cut each out",
    ]


def test_read_reports_a_picture_of_a_number(folder: Path):
    sheet("33").save(folder / "3/number.png")
    reported: list[str] = []
    [table] = sources.read([folder / "3/3.png", folder / "3/number.png"], labelled(reported))
    assert table.labels.tolist() == [3]
    assert reported == [f"{folder}/3/number.png: expected one digit, found 2: cut each out"]


def test_read_takes_a_block_of_images_at_a_time(folder: Path, monkeypatch: pytest.MonkeyPatch):
    taken: list[str] = []
    page = np.zeros((28, 28, 3), np.uint8)
    monkeypatch.setattr(sources, "read_pages", lambda path: taken.append(path) or [page])
    monkeypatch.setattr(sources, "single_digit", lambda picture: picture[..., 0])
    blocks = sources.read([folder / "1/1.png"] * 2300, labelled([]))
    sizes = []
    for table in blocks:
        sizes.append(len(table.pixels))
        assert len(taken) == sum(sizes)  # no image is read before its block is asked for
    assert sizes == [1000, 1000, 300]


def test_read_keeps_the_order_of_images_and_data_files(folder: Path, digits: Table):
    np.savez(folder / "own.npz", images=digits.pixels[:2], labels=digits.labels[:2])
    files = [folder / "3/3.png", folder / "own.npz", folder / "4/4.png"]
    tables = list(sources.read(files, labelled([])))
    assert [table.labels.tolist() for table in tables] == [[3], digits.labels[:2].tolist(), [4]]
