"""Each dialect gives the same arrays as Kaggle's form, and a line that states how it was read."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.artifacts.errors import PipelineError
from stages.ingest.kaggle_csv import CsvReader, Table
from tests.helpers.datasets import read_csv

KAGGLES = [f"pixel{i}" for i in range(784)]
FROM_1 = [f"pixel{i}" for i in range(1, 785)]
ROW_X_COLUMN = [f"{row}x{column}" for row in range(1, 29) for column in range(1, 29)]


@pytest.fixture(scope="module")
def some(digits: Table) -> Table:
    return Table(digits.pixels[:40], digits.labels[:40])


def frame(table: Table, names: list[str], label: str | None = "label", last: bool = False) -> pd.DataFrame:
    """The table as pandas holds it, with these names of the pixels."""
    pixels = pd.DataFrame(table.pixels, columns=names)
    if label is not None:
        pixels.insert(784 if last else 0, label, table.labels)
    return pixels


def upper(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns=str.upper)


DIALECTS = {  # how it is written, and how the summary begins
    "Kaggle's": (lambda t: frame(t, KAGGLES).to_csv(index=False), "columns pixel0 to pixel783, label first"),
    "MNIST in CSV": (lambda t: frame(t, ROW_X_COLUMN).to_csv(index=False), "columns 1x1 to 28x28, label first"),
    "Fashion-MNIST": (lambda t: frame(t, FROM_1).to_csv(index=False), "columns pixel1 to pixel784, label first"),
    "OpenML": (
        lambda t: frame(t, FROM_1, "class", last=True).to_csv(index=False),
        "columns pixel1 to pixel784, class last",
    ),
    "upper case": (lambda t: upper(frame(t, KAGGLES)).to_csv(index=False), "columns PIXEL0 to PIXEL783, LABEL first"),
    "target": (lambda t: frame(t, KAGGLES, "Target").to_csv(index=False), "columns pixel0 to pixel783, Target first"),
    "digit last": (
        lambda t: frame(t, KAGGLES, "digit", last=True).to_csv(index=False),
        "columns pixel0 to pixel783, digit last",
    ),
    "an array's names": (
        lambda t: frame(t, [str(i) for i in range(784)]).to_csv(index=False),
        "columns 0 to 783, label first",
    ),
    "no header": (lambda t: frame(t, KAGGLES).to_csv(index=False, header=False), "no header, label first"),
    "pandas' index": (
        lambda t: frame(t, KAGGLES).to_csv(),
        "columns pixel0 to pixel783, label first, column '' left out",
    ),
    "pandas' index, read and written": (
        lambda t: frame(t, KAGGLES).rename_axis("Unnamed: 0").to_csv(),
        "columns pixel0 to pixel783, label first, column 'Unnamed: 0' left out",
    ),
    "R's row names": (
        lambda t: frame(t, KAGGLES).rename(lambda i: f'"{i}"').to_csv(quoting=3).replace(",", '"",', 1),
        "columns pixel0 to pixel783, label first, column '' left out",
    ),
    "ids": (
        lambda t: frame(t, KAGGLES).rename_axis("id").to_csv(),
        "columns pixel0 to pixel783, label first, ids in 'id'",
    ),
    "quoted names": (
        lambda t: frame(t, KAGGLES).rename(columns='"{}"'.format).to_csv(index=False, quoting=3),
        "columns pixel0 to pixel783, label first",
    ),
    "12.0": (lambda t: frame(t, KAGGLES).astype(float).to_csv(index=False), "columns pixel0 to pixel783, label first"),
    "12.0, no header": (
        lambda t: frame(t, KAGGLES).astype(float).to_csv(index=False, header=False),
        "no header, label first",
    ),
}


@pytest.mark.parametrize(("write", "beginning"), DIALECTS.values(), ids=DIALECTS.keys())
@pytest.mark.parametrize("form", ["plain", "CRLF", "byte-order mark", "no last newline"])
def test_read_blocks_gives_the_arrays_of_kaggles_form(write, beginning: str, form: str, some: Table, tmp_path: Path):
    path = tmp_path / "train.csv"
    text = write(some)
    changed = {
        "plain": text,
        "CRLF": text.replace("\n", "\r\n"),
        "byte-order mark": "\ufeff" + text,
        "no last newline": text.removesuffix("\n"),
    }
    path.write_bytes(changed[form].encode())
    reader = CsvReader(path)
    tables, ids = zip(*reader.blocks(), strict=True)
    assert np.array_equal(np.concatenate([table.pixels for table in tables]), some.pixels)
    assert np.array_equal(np.concatenate([table.labels for table in tables]), some.labels)
    if "ids" in beginning:
        assert [one for block in ids for one in block] == [str(i) for i in range(40)]
    else:
        assert set(ids) == {None}
    doubt = "; the last line has no newline: is the file complete?" if form == "no last newline" else ""
    assert reader.summary() == f"{path}: {beginning}, 40 rows{doubt}"


@pytest.mark.parametrize(("header", "index"), [(True, False), (True, True), (False, False)])
def test_read_blocks_reads_each_dialect_without_labels(header: bool, index: bool, some: Table, tmp_path: Path):
    path = tmp_path / "test.csv"
    frame(some, ROW_X_COLUMN, label=None).to_csv(path, index=index, header=header)
    read = read_csv(path)
    assert np.array_equal(read.pixels, some.pixels)
    assert read.labels is None


def test_read_blocks_reads_a_dialect_over_many_blocks(digits: Table, tmp_path: Path):
    path = tmp_path / "train.csv"
    frame(digits, FROM_1, "class", last=True).astype(float).rename_axis("id").to_csv(path)
    assert path.stat().st_size > 4 << 20
    reader = CsvReader(path)
    tables, ids = zip(*reader.blocks(), strict=True)
    assert len(tables) > 10
    assert np.array_equal(np.concatenate([table.pixels for table in tables]), digits.pixels)
    assert np.array_equal(np.concatenate([table.labels for table in tables]), digits.labels)
    assert [one for block in ids for one in block] == [str(i) for i in range(len(digits.pixels))]


def swapped(names: list[str]) -> list[str]:
    return [names[1], names[0], *names[2:]]


COLUMN_BY_COLUMN = [f"{row}x{column}" for column in range(1, 29) for row in range(1, 29)]
REFUSED = {
    "swapped columns": (
        lambda t: frame(t, swapped(KAGGLES)),
        "line 1, column 2: expected 'pixel0', found 'pixel1'",
    ),
    "swapped 1x1": (
        lambda t: frame(t, swapped(ROW_X_COLUMN)),
        "line 1, column 2: expected '1x1', found '1x2'",
    ),
    "column by column": (
        lambda t: frame(t, COLUMN_BY_COLUMN),
        "column 3: expected '1x2', found '2x1': the pixels must be in order, row by row",
    ),
    "sorted as text": (
        lambda t: frame(t, sorted(KAGGLES)),
        "column 4: expected 'pixel2', found 'pixel10': the pixels must be in order",
    ),
    "mixed namings": (lambda t: frame(t, [*KAGGLES[:783], "pixel784"]), "column 785: expected 'pixel783', found 'pix"),
    "two labels": (
        lambda t: frame(t, KAGGLES).assign(digit=1),
        "line 1: expected a header of 785 columns, found 786 ('digit' is too many)",
    ),
    "the label in the middle": (
        lambda t: frame(t, [*KAGGLES[:9], "digit", *KAGGLES[9:783]], None),
        "column 10: expected 'pixel9', found 'digit': the label must be the first or the last column",
    ),
    "an id after the label": (
        lambda t: frame(t, ["id", *KAGGLES[:783]]),
        "column 2: expected a header such as 'label,pixel0,...,pixel783', or none, found 'id': only the first column",
    ),
    "an unknown column first": (
        lambda t: frame(t, KAGGLES, "writer"),
        "column 1: expected a header such as 'label,pixel0,...,pixel783', or none, found 'writer'",
    ),
    "numbers for names, the label too": (
        lambda t: frame(t, [str(i) for i in range(1, 785)], "0"),
        "line 1: columns 0, 1, 2, ...: name the label 'label', or write no header (pandas: header=False)",
    ),
    "a row for a header": (
        lambda t: frame(t, ["0", *(f"0.{i}" for i in range(1, 784))], "5"),
        "line 1: a row has become the header",
    ),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_read_blocks_refuses_columns_that_are_not_in_order(make, message: str, some: Table, tmp_path: Path):
    path = tmp_path / "train.csv"
    make(some).to_csv(path, index=False)
    with pytest.raises(PipelineError) as error:
        read_csv(path)
    assert message in str(error.value)


def test_read_blocks_refuses_letters_at_their_first_label(some: Table, tmp_path: Path):
    path = tmp_path / "train.csv"
    frame(Table(some.pixels, some.labels + 1), KAGGLES).to_csv(path, index=False, header=False)
    with pytest.raises(PipelineError, match=r"line 10, column 1: label: expected an integer from 0 to 9, found '10'$"):
        read_csv(path)


NUMBERS = {
    "savetxt": ("%.18e", "found '0.000000000000000000e+00': write integers (NumPy: savetxt(..., fmt='%d'))"),
    "two decimals": ("%.2f", "'0.00': write integers (NumPy: savetxt(..., fmt='%d'))"),
    "signed": ("%+d", "'+0': write it without a sign and leading zeros"),
    "padded": ("%3d", "remove the whitespace"),
}


@pytest.mark.parametrize(("fmt", "message"), NUMBERS.values(), ids=NUMBERS.keys())
def test_read_blocks_names_the_remedy_for_numbers_of_another_form(fmt: str, message: str, some: Table, tmp_path: Path):
    path = tmp_path / "train.csv"
    np.savetxt(path, np.column_stack([some.labels, some.pixels]), fmt=fmt, delimiter=",")
    with pytest.raises(PipelineError) as error:
        read_csv(path)
    assert message in str(error.value)
