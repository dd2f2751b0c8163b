import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stages.artifacts.errors import PipelineError
from stages.ingest.kaggle_csv import PIXEL_COLUMNS, Table
from tests.helpers.datasets import read_csv, save_csv

HEADER = ",".join(["label", *PIXEL_COLUMNS])


def row(label: object = 7, **pixels: object) -> str:
    """A row of zeros, except for a dot in the middle and the pixels given by name."""
    pixels = {"pixel406": 255, **pixels}
    return ",".join(str(value) for value in [label, *(pixels.get(name, 0) for name in PIXEL_COLUMNS)])


def text(*rows: str, header: str = HEADER) -> bytes:
    return "".join(line + "\n" for line in (header, *rows)).encode()


@pytest.fixture
def csv(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes, name: str = "train.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def test_read_blocks_returns_what_write_csv_wrote(digits: Table, tmp_path: Path):
    table = read_csv(save_csv(tmp_path / "train.csv", digits))
    assert np.array_equal(table.pixels, digits.pixels)
    assert np.array_equal(table.labels, digits.labels)
    assert table.pixels.dtype == table.labels.dtype == np.uint8


def test_read_blocks_accepts_a_csv_without_labels(digits: Table, tmp_path: Path):
    table = read_csv(save_csv(tmp_path / "test.csv", Table(digits.pixels, None)))
    assert np.array_equal(table.pixels, digits.pixels)
    assert table.labels is None


def test_read_blocks_agrees_with_loadtxt(digits: Table, tmp_path: Path):
    path = save_csv(tmp_path / "train.csv", digits)
    expected = np.loadtxt(path, dtype=np.uint8, delimiter=",", skiprows=1)
    assert np.array_equal(np.column_stack(read_csv(path)[::-1]), expected)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: b"\xef\xbb\xbf" + content,
        gzip.compress,
        lambda content: gzip.compress(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")),
    ],
    ids=["CRLF", "byte-order mark", "gzip", "all of them"],
)
def test_read_blocks_accepts_each_encoding(change, csv):
    content = text(row(3, pixel0=255, pixel783=1), row(9, pixel5=99))
    plain, changed = read_csv(csv(content)), read_csv(csv(change(content), "train.csv.gz"))
    assert plain.pixels[[0, 0, 1], [0, 783, 5]].tolist() == [255, 1, 99]
    assert np.array_equal(changed.pixels, plain.pixels)
    assert np.array_equal(changed.labels, plain.labels)


def test_read_blocks_reads_every_value_of_a_byte(csv):
    values = {name: i % 256 for i, name in enumerate(PIXEL_COLUMNS)}
    assert np.array_equal(read_csv(csv(text(row(0, **values)))).pixels[0], np.arange(784) % 256)


BROKEN = {
    "empty file": (b"", "line 1: expected a CSV, found an empty file"),
    "no rows": (text(), "line 2: expected rows of numbers"),
    "reordered header": (
        text(row(), header=HEADER.replace("pixel1,pixel2,", "pixel2,pixel1,")),
        "line 1, column 3: expected 'pixel1', found 'pixel2'",
    ),
    "duplicated header": (text(row(), header=HEADER.replace("pixel9,", "pixel8,")), "line 1, column 11"),
    "label last in the header alone": (
        text(row(pixel783=255), header=",".join([*PIXEL_COLUMNS, "label"])),
        "line 2, column 785: label: expected an integer from 0 to 9, found '255'",
    ),
    "header too short": (text(row(), header=HEADER.removesuffix(",pixel783")), "line 1: expected a header of 785"),
    "header too long": (
        text(row(), header=HEADER + ",pixel784"),
        "line 1: expected a header of 785 columns, found 786",
    ),
    "other delimiter": (text(row(), header=HEADER.replace(",", ";")), "line 1, column 1"),
    "half-quoted header": (text(row(), header='"' + HEADER), "line 1, column 1"),
    "UTF-16": (text(row()).decode().encode("utf-16"), "UTF-16"),
    "one value too many": (text(row(), row() + ",0"), "line 3: expected 785 columns, found 786"),
    "all rows too long": (text(row() + ",0", row() + ",0"), "line 2: expected 785 columns, found 786"),
    "one value too few": (text(row(), row()[:-2], row()), "line 3: expected 785 columns, found 784"),
    "all rows too short": (text(row()[:-2], row()[:-2]), "line 2: expected 785 columns, found 784"),
    "two rows that make up for each other": (text(row() + ",0", row()[:-2]), "line 2: expected 785"),
    "float": (text(row(pixel3="1.5")), "line 2, column 5: pixel3: expected an integer from 0 to 255, found '1.5'"),
    "exponent": (text(row(pixel3="1e2")), "line 2, column 5: pixel3: expected an integer from 0 to 255, found '1e2'"),
    "not a number": (text(row(), row(pixel0="nan")), "line 3, column 2: pixel0"),
    "negative": (text(row(pixel0=-1)), "line 2, column 2: pixel0: expected an integer from 0 to 255, found '-1'"),
    "above 255": (text(row(), row(pixel783=256)), "line 3, column 785: pixel783"),
    "above uint16": (text(row(pixel0=65536)), "line 2, column 2"),
    "quoted": (text(row(pixel0='"5"')), "line 2, column 2"),
    "space": (text(row(pixel0=" 5")), "line 2, column 2"),
    "thousands separator": (text(row(pixel0="1'000")), "line 2, column 2"),
    "digit beyond ASCII": (text(row(pixel0="٣")), "line 2, column 2"),
    "NUL byte": (text(row(pixel0="\0")), "line 2, column 2"),
    "empty cell": (text(row(pixel2="")), "line 2, column 4: pixel2: expected an integer from 0 to 255, found nothing"),
    "label above 9": (text(row(), row(10)), "line 3, column 1: label: expected an integer from 0 to 9, found '10'"),
    "blank line": (text(row(), "", row()), "line 3: expected 785 columns, found a blank line"),
    "blank line at the end": (text(row(), ""), "line 3: expected 785 columns, found a blank line"),
    "cut short": (text(row(), row())[:-3], "line 3: the last line has 784 of 785 columns and no newline: the file is"),
    "cut short after a comma": (text(row(), row())[:-2], "line 3, column 785: pixel783: expected an integer from 0"),
    "cut short by far": (text(row(), row())[:-1000], "of 785 columns and no newline: the file is cut short, copy or"),
    "endless line": (text(row()) + b"0" * 1_000_000, "line 3: expected a row of numbers"),
    "old Mac line endings": (text(row()).replace(b"\n", b"\r"), "line 1"),
    "damaged gzip": (gzip.compress(text(*[row()] * 50))[:-20], "damaged gzip"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_read_blocks_reports_line_and_column(content: bytes, message: str, csv):
    path = csv(content)
    with pytest.raises(PipelineError) as error:
        read_csv(path)
    assert str(path) in str(error.value)
    assert message in str(error.value)


def test_read_blocks_reports_the_line_in_a_later_block(csv):
    rows = [row()] * 5000
    rows[4321] = row(pixel100="x")
    with pytest.raises(PipelineError, match="line 4323, column 102: pixel100"):
        read_csv(csv(text(*rows)))


def test_read_blocks_reports_the_line_in_a_later_block_with_crlf(csv):
    rows = [row()] * 2000
    rows[1999] = row(pixel100="x")
    with pytest.raises(PipelineError, match="line 2001, column 102: pixel100"):
        read_csv(csv(text(*rows).replace(b"\n", b"\r\n")))


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_read_blocks_rejects_a_path_that_is_not_a_file(name: str, tmp_path: Path):
    with pytest.raises(PipelineError, match="not a file"):
        read_csv(tmp_path / name)
