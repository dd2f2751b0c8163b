"""Invalid CSVs: the stage ends with one line that states the error, where and what to do, and writes nothing."""

import bz2
import gzip
import io
import lzma
import os
import re
import subprocess
import sys
import zipfile
from contextlib import redirect_stderr
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stages import preprocess
from stages.artifacts import arrays
from stages.artifacts.errors import run
from stages.artifacts.images import CLASSES
from stages.ingest.dialects import IDS, INDICES, LABELS, NAMINGS
from stages.ingest.kaggle_csv import PIXEL_COLUMNS, Table
from tests.end_to_end import fuzz
from tests.helpers import mutations
from tests.helpers.datasets import read_csv
from tests.helpers.workspace import ROOT

HEADER = ",".join(["label", *PIXEL_COLUMNS])
ROWS = [f"{i % CLASSES}," + ",".join(str((i * j) % 256) for j in range(784)) for i in range(40)]
VALID = "".join(f"{line}\n" for line in [HEADER, *ROWS]).encode()
LINE_3 = b"1,0,1,2,"  # the start of line 3


@pytest.fixture
def train_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a train.csv in a folder where the stage runs; test.csv is valid."""
    monkeypatch.chdir(tmp_path)
    tree = yaml.safe_load((ROOT / "params.yaml").read_text())
    tree["data"] = {"train_csv": "train.csv", "test_csv": "test.csv"}
    tree["split"]["validation"] = 0.5
    Path("params.yaml").write_text(yaml.safe_dump(tree))
    Path("test.csv").write_bytes(VALID)
    return Path("train.csv")


def refusal() -> str:
    """Run the stage, which has to fail and to write nothing; return its error."""
    printed = io.StringIO()
    with redirect_stderr(printed), pytest.raises(SystemExit):
        run(preprocess.main)
    assert not arrays.FOLDER.exists() or list(arrays.FOLDER.iterdir()) == []
    [message] = [line for line in printed.getvalue().splitlines() if not line.startswith("warning")]
    assert message.startswith("error: train.csv")
    return message


def second(cells: str) -> bytes:
    """The CSV with other cells at the beginning of line 3."""
    assert VALID.count(b"\n" + LINE_3) == 1
    return VALID.replace(b"\n" + LINE_3, f"\n{cells},".encode())


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("train.csv", VALID)
    return stream.getvalue()


PACKED = gzip.compress(VALID)
TEXT = VALID.decode()
NOT_AN_INTEGER = "line 3, column 3: pixel1: expected an integer from 0 to 255, found "
CORPUS = {
    "256": (second("1,0,256,2"), NOT_AN_INTEGER + "'256'"),
    "a negative": (second("1,0,-1,2"), NOT_AN_INTEGER + "'-1'"),
    "minus zero": (second("1,0,-0,2"), "'-0': write it without a sign and leading zeros"),
    "scaled to 0-1": (second("1,0,0.5,2"), "'0.5': are the pixels scaled to 0-1? Multiply them by 255 and round"),
    "scaled to 0-1, small": (second("1,0,1E-3,2"), "'1E-3': are the pixels scaled to 0-1?"),
    "standardised": (second("1,0,-0.42,2"), "'-0.42': are the pixels standardised? Write them as they were, 0-255"),
    "a float": (second("1,0,1.5,2"), "'1.5': write integers (NumPy"),
    "a large float": (second("1,0,256.0,2"), NOT_AN_INTEGER + "'256.0'\n"),
    "an exponent": (second("1,0,1.2e+01,2"), "'1.2e+01': write integers (NumPy: savetxt(..., fmt='%d'))"),
    "two points": (second("1,0,1.0.0,2"), NOT_AN_INTEGER + "'1.0.0'\n"),
    "a point alone": (second("1,0,.0,2"), NOT_AN_INTEGER + "'.0'\n"),
    "NaN": (second("1,0,NaN,2"), NOT_AN_INTEGER + "'NaN'"),
    "nothing": (second("1,0,,2"), NOT_AN_INTEGER + "nothing"),
    "quoted": (second('1,0,"1",2'), "'\"1\"': write it without quotes"),
    "blanks": (second("1,0, 1,2"), "' 1': remove the whitespace"),
    "thousands": (second("1,0,1 000,2"), "'1 000': remove the whitespace"),
    "four digits": (second("1,0,0007,2"), "'0007': write it without a sign and leading zeros"),
    "digits of another script": (second("1,0,\u0663,2"), NOT_AN_INTEGER + "'\u0663'"),
    "NUL": (second("1,0,\0,2"), "Save it as UTF-8"),
    "label 10": (second("10,0,1,2"), "line 3, column 1: label: expected an integer from 0 to 9, found '10'"),
    "a row of another delimiter": (VALID.replace(ROWS[1].encode(), ROWS[1].replace(",", ";").encode()), "use commas"),
    "semicolons": (VALID.replace(b",", b";"), "use commas between the columns"),
    "tabs": (VALID.replace(b",", b"\t"), "use commas between the columns"),
    "spaces": (VALID.replace(b",", b" "), "use commas between the columns"),
    "ragged": (second("1,0,1,2,3"), "line 3: expected 785 columns, found 786"),
    "an extra column": (VALID.replace(b"\n", b",0\n"), "line 1: expected a header of 785 columns, found 786 ('0' is"),
    "a missing column": (
        "".join(f"{line.rpartition(',')[0]}\n" for line in TEXT.splitlines()).encode(),
        "line 1: expected a header of 785 columns, found 784",
    ),
    "an index of blanks": (
        "".join(f"{'' if i else 'id'},{line}\n" for i, line in enumerate(TEXT.splitlines())).encode(),
        "line 2, column 1: id: expected an id of letters and digits, found nothing",
    ),
    "an index without a name": (
        "".join(f"{i},{line}\n" if i else f"{line}\n" for i, line in enumerate(TEXT.splitlines())).encode(),
        "line 2: expected 785 columns, found 786",
    ),
    "the label last in the header alone": (
        VALID.replace(HEADER.encode(), ",".join([*PIXEL_COLUMNS, "label"]).encode()),
        "line 3, column 785: label: expected an integer from 0 to 9, found '15'",
    ),
    "the label second": (VALID.replace(b"label,pixel0", b"pixel0,label"), "must be the first or the last column"),
    "a reordered header": (VALID.replace(b"pixel7,pixel8", b"pixel8,pixel7"), "column 9: expected 'pixel7', found 'pi"),
    "a duplicated column": (VALID.replace(b"pixel7,pixel8", b"pixel7,pixel7"), "line 1, column 10: expected"),
    "no name for the labels": (VALID.replace(b"label,", b""), "line 2: expected 784 columns, found 785"),
    "a test.csv": (
        "".join(f"{line.partition(',')[2]}\n" for line in TEXT.splitlines()).encode(),
        "a CSV without labels is a test.csv; set data.train_csv in params.yaml to a CSV",
    ),
    "one class missing": (VALID.replace(b"\n7,", b"\n1,"), "no row has the label 7"),
    "cut short": (
        VALID[:-5],
        "line 41: the last line has 784 of 785 columns and no newline: the file is cut short, co",
    ),
    "cut short, without a header": (VALID.partition(b"\n")[2][:-5], "line 40: the last line has 784 of 785 columns"),
    "no header, 783 columns": (b"0," * 782 + b"0\n", "line 1: expected 784 columns, or 785 with a label, found 783"),
    "no header, semicolons": (VALID.partition(b"\n")[2].replace(b",", b";"), "use commas between the columns"),
    "no header, 256": (second("1,0,256,2").partition(b"\n")[2], "line 2, column 3: pixel1: expected an integer from"),
    "no header, 256 in line 1": (b"256," + b"0," * 783 + b"0\n", "line 1, column 1: label: expected an integer from"),
    "no header, inverted": (b"".join(b"%d" % (i % 10) + b",255" * 784 + b"\n" for i in range(20)), "bright corners"),
    "scaled to 0 and 1": (re.sub(rb",[1-9]\d*", b",1", VALID), "train.csv: no pixel exceeds 1, but ink is 255"),
    "only a header": (HEADER.encode() + b"\n", "line 2: expected rows of numbers, found the end of the file"),
    "a header without rows": (HEADER.encode(), "line 2: expected rows of numbers, found the end of the file"),
    "a cut header": (HEADER[:-2].encode(), "line 1, column 785: expected 'pixel783', found 'pixel7'"),
    "empty": (b"", "line 1: expected a CSV, found an empty file"),
    "two files in one": (VALID + VALID, "line 42, column 1: label: expected an integer from 0 to 9, found 'label': a"),
    "two files and a byte-order mark": (VALID + b"\xef\xbb\xbf" + VALID, "line 42, column 1"),
    "a byte-order mark within": (second("1,0,\ufeff1,2"), "remove the byte-order mark"),
    "CR": (VALID.replace(b"\n", b"\r"), "line 1, column 785: expected 'pixel783', found 'pixel783\\r0'"),
    "CR after the header": (
        VALID.replace(b"\n", b"\r").replace(b"\r", b"\n", 1),
        "end lines with LF or CRLF, not with CR",
    ),
    "CR CR LF": (VALID.replace(b"\n", b"\r\r\n"), "end lines with LF or CRLF, not with CR"),
    "a header of 10 MB": (HEADER.encode() + b",x" * 5_000_000 + VALID[len(HEADER) :], "or more ('x' is too many)"),
    "a row of 10 MB": (VALID + b"0," * 5_000_000 + b"\n", "line 42: expected"),
    "a number of 10 MB": (VALID + b"0" * 10_000_000, "line 42: expected a row of numbers"),
    "UTF-16, little": (TEXT.encode("utf-16"), "line 1: expected a CSV, found UTF-16: save the file as UTF-8"),
    "UTF-16, big": (b"\xfe\xff" + TEXT.encode("utf-16-be"), "save the file as UTF-8"),
    "UTF-16, little, unmarked": (TEXT.encode("utf-16-le"), "save the file as UTF-8"),
    "UTF-16, big, unmarked": (TEXT.encode("utf-16-be"), "save the file as UTF-8"),
    "zip": (zipped(), "line 1: expected a CSV, found a zip archive: unzip it"),
    "bzip2": (bz2.compress(VALID), "found a bzip2 archive: unpack it"),
    "xz": (lzma.compress(VALID), "found an xz archive: unpack it"),
    "gzip in gzip": (gzip.compress(PACKED), "gzip within gzip: unpack it once"),
    "gzip, cut short": (PACKED[:-20], "is a damaged gzip file (Compressed file ended"),
    "gzip, wrong checksum": (PACKED[:-8] + b"\0" * 4 + PACKED[-4:], "is a damaged gzip file (CRC check failed"),
    "gzip and garbage": (PACKED + b"garbage", "is a damaged gzip file (Not a gzipped file"),
}


@pytest.mark.parametrize(("content", "message"), CORPUS.values(), ids=CORPUS.keys())
def test_preprocess_reports_an_invalid_csv_in_one_line(content: bytes, message: str, train_csv: Path):
    train_csv.write_bytes(content)
    assert message in refusal() + "\n"


SAME = {
    "mixed line ends": TEXT.replace("\n", "\r\n", 20).encode(),
    "leading zeros": second("1,000,01,002"),
    "two gzip members": gzip.compress(VALID[:50_000]) + gzip.compress(VALID[50_000:]),
    "padded gzip": PACKED + b"\0" * 100,
}


@pytest.mark.parametrize("content", SAME.values(), ids=SAME.keys())
def test_read_blocks_accepts_valid_variants(content: bytes, train_csv: Path):
    expected = read_csv(Path("test.csv"))
    assert len(expected.pixels) == len(ROWS)
    train_csv.write_bytes(content)
    assert all(map(np.array_equal, read_csv(train_csv), expected))


KINDS = {
    "a folder": Path.mkdir,
    "a loop of links": lambda path: path.symlink_to(path),
    "a link to nothing": lambda path: path.symlink_to("gone.csv"),
    "a pipe": lambda path: os.mkfifo(path),
    "nothing": lambda path: None,
}


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes as Unix has them")
@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())
def test_preprocess_rejects_what_is_not_a_file(make, train_csv: Path):
    make(train_csv)
    message = refusal()
    assert "train.csv is not a file (" in message
    assert "check data.train_csv" in message


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_preprocess_names_a_file_without_permission(train_csv: Path):
    train_csv.write_bytes(VALID)
    train_csv.chmod(0)
    with pytest.raises(SystemExit, match=r"error: .*Permission denied: 'train.csv'"):
        run(preprocess.main)


def test_preprocess_from_the_shell_exits_with_1(train_csv: Path):
    train_csv.write_bytes(second("1,0,256,2"))
    command = [sys.executable, "-m", "stages.preprocess"]
    finished = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert finished.returncode == 1
    assert finished.stderr == f"error: train.csv, {NOT_AN_INTEGER}'256'\n"


CELLS = st.sampled_from(mutations.ODD_CELLS) | st.integers(-300, 300).map(str) | st.text(max_size=5)
LEADS = st.none() | st.sampled_from([*IDS, *INDICES])
SIDES = st.sampled_from(["first", "last", "none"])


@given(
    st.lists(CELLS, min_size=1, max_size=3),
    st.integers(0, 785),
    LEADS,
    st.sampled_from(LABELS),
    st.none() | st.sampled_from(NAMINGS),
    SIDES,
)
def test_read_blocks_agrees_with_the_slow_reader_on_any_cells_of_any_dialect(
    tmp_path_factory, cells: list[str], first: int, lead: str | None, label: str, naming: list[str] | None, side: str
):
    path = tmp_path_factory.getbasetemp() / "cells.csv"
    row = mutations.arrange(lead and "17", 7, ["9"] * 784, side).split(",")
    row[first : first + len(cells)] = cells
    header = f"{mutations.arrange(lead, label, naming, side)}\n" if naming else ""
    path.write_bytes(f"{header}{','.join(row)}\n".encode("utf-8", "surrogatepass"))
    fuzz.compare(path)


@given(
    st.lists(
        st.text(max_size=5) | st.sampled_from([*IDS, *INDICES, *LABELS, "LABEL", '"label"', "pixel0"]), max_size=3
    ),
    st.sampled_from(NAMINGS),
    st.integers(0, 785),
    SIDES,
)
def test_read_blocks_agrees_with_the_slow_reader_on_any_names(
    tmp_path_factory, names: list[str], naming: list[str], first: int, side: str
):
    path = tmp_path_factory.getbasetemp() / "names.csv"
    header = mutations.arrange(None, "label", naming, side).split(",")
    header[first:first] = names
    row = mutations.arrange(None, 7, ["9"] * (784 + len(names)), side)
    path.write_bytes(f"{','.join(header)}\n{row}\n".encode("utf-8", "surrogatepass"))
    fuzz.compare(path)


@pytest.mark.slow
@pytest.mark.parametrize("numbers", [range(75), range(75, 150)])
def test_read_blocks_agrees_with_the_slow_reader_on_mutated_files(numbers: range, tmp_path: Path):
    path = tmp_path / "mutated.csv"
    outcomes = set()
    for number in numbers:
        path.write_bytes(fuzz.make(1, number))
        outcomes.add(fuzz.compare(path))
    assert outcomes == {fuzz.READ, fuzz.REFUSED}


def test_fuzz_compare_finds_a_reader_that_accepts_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "train.csv"
    path.write_bytes(second("1,0,256,2"))
    wrong = [(Table(np.zeros((40, 784), np.uint8), np.zeros(40, np.uint8)), None)]
    monkeypatch.setattr(fuzz.CsvReader, "blocks", lambda _: wrong)
    with pytest.raises(AssertionError, match=r"refused only by the slow reader \(line 3\)"):
        fuzz.compare(path)
    path.write_bytes(VALID)
    with pytest.raises(AssertionError, match="other pixels"):
        fuzz.compare(path)
