"""Kaggle's Digit Recognizer CSV: read it strictly, write it fast.

Reading checks the whole data contract: header `[label,]pixel0,...,pixel783`, then rows of integers 0-255 (labels 0-9)
in one to three digits (007 is 7), nothing else. It never repairs and never guesses: what does not fit is an error with
file, line and column.
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from stages.artifacts.errors import PipelineError
from stages.artifacts.images import CLASSES, SIDE
from stages.ingest import csv_errors
from stages.ingest.csv_errors import BYTE_ORDER_MARK, Fault

PIXELS = SIDE * SIDE
PIXEL_COLUMNS = [f"pixel{i}" for i in range(PIXELS)]

_BLOCK_BYTES = 1 << 18  # fits the processor's cache: larger blocks take half as long again
_BLOCK_MEMORY = 1 << 22  # bytes: more than any array takes while a block is parsed
_LONGEST_LINE = 16 * (PIXELS + 1)  # more than a header or a row can need
_GZIP_MAGIC = b"\x1f\x8b"


class Table(NamedTuple):
    """Rows of a CSV."""

    pixels: np.ndarray  # (n, 784) uint8, row-major 28x28, ink = 255
    labels: np.ndarray | None  # (n,) uint8 in 0-9; None where the CSV has no label column


def read_blocks(path: Path) -> Iterator[Table]:
    """Yield the rows of a plain or gzipped CSV, LF or CRLF, with or without a byte-order mark, some hundred at a time.

    Raises PipelineError, naming file, line and column, for anything that breaks the contract: at the block that does.
    """
    _let_malloc_reuse_memory()
    rows = None
    try:
        with _open(path) as stream:
            columns = _read_header(stream)
            for rows in _read_rows(stream, columns):
                yield Table(rows[:, 1:], rows[:, 0]) if columns[0] == "label" else Table(rows, None)
    except Fault as fault:
        raise PipelineError(f"{path}, {fault}") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise PipelineError(f"{path} is a damaged gzip file ({error}): copy or download it again") from None
    if rows is None:
        raise PipelineError(f"{path}, line 2: expected rows of numbers, found the end of the file")


def write_csv(stream: BinaryIO, pixels: np.ndarray, labels: np.ndarray | None) -> None:
    """Write (n, 784) uint8 pixels, and (n,) uint8 labels if there are any, as Kaggle does."""
    columns = PIXEL_COLUMNS if labels is None else ["label", *PIXEL_COLUMNS]
    rows = pixels if labels is None else np.column_stack([labels, pixels])
    digits = [b"%d" % value for value in range(256)]
    stream.write(",".join(columns).encode() + b"\n")
    for row in rows:
        stream.write(b",".join([digits[value] for value in row.tobytes()]) + b"\n")


def _open(path: Path) -> BinaryIO:
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "a pipe or device" if path.exists() else "there is none"
        hint = "check data.train_csv and data.test_csv in params.yaml, or bring it back with dvc checkout"
        raise PipelineError(f"{path} is not a file ({kind}): {hint}")
    with path.open("rb") as stream:
        zipped = stream.read(2) == _GZIP_MAGIC
    return gzip.open(path) if zipped else path.open("rb")


def _read_header(stream: BinaryIO) -> list[str]:
    """Check line 1; return the names of the columns."""
    line = stream.readline(_LONGEST_LINE)
    text = line.removeprefix(BYTE_ORDER_MARK)
    columns = ["label", *PIXEL_COLUMNS] if text.startswith(b"label") else PIXEL_COLUMNS
    header = ",".join(columns).encode()
    if text not in (header + b"\n", header + b"\r\n"):
        raise csv_errors.of_header(line, columns)
    return columns


def _read_rows(stream: BinaryIO, columns: list[str]) -> Iterator[np.ndarray]:
    """Yield the rows, block by block, as (n, 784 or 785) uint8."""
    line = 2
    for lines in _whole_lines(stream, line):
        if b"\r" in lines:
            lines = lines.replace(b"\r\n", b"\n")
        rows = _parse(lines, len(columns))
        if rows is None or (columns[0] == "label" and rows[:, 0].max() >= CLASSES):
            raise csv_errors.of_rows(lines, line, columns)
        yield rows
        line += len(rows)


def _whole_lines(stream: BinaryIO, line: int) -> Iterator[bytes]:
    """Yield the stream in blocks that end where a line ends."""
    rest = b""
    while block := stream.read(_BLOCK_BYTES):
        end = block.rfind(b"\n") + 1
        if end:
            line += block.count(b"\n")
            yield rest + block[:end]
            rest = b""
        rest += block[end:]
        if len(rest) > _LONGEST_LINE:
            raise csv_errors.of_endless_line(rest, line)
    if rest:
        raise csv_errors.of_unended_line(rest, line)


def _let_malloc_reuse_memory() -> None:
    """Free one large array. From then on glibc keeps what smaller ones leave for the next block's; before, it returns
    it to the system each time, and fetching fresh pages takes twice as long as parsing. Elsewhere this does nothing.
    """
    np.empty(_BLOCK_MEMORY, np.uint8)


def _parse(lines: bytes, width: int) -> np.ndarray | None:
    """Parse whole lines into (n, width) uint8, or return None if anything in them breaks the contract.

    All at once, without a Python step per number: every byte that is no digit has to be a separator in its place, and
    the value that ends at a byte is summed up from that byte and the two before it.
    """
    text = np.frombuffer(b",," + lines, np.uint8)  # two separators, so that every byte has two before it
    digit = text - ord("0")  # wraps round: a byte below '0' becomes large
    is_digit = digit < 10
    ends = np.flatnonzero(~is_digit[2:])
    if ends.size % width:
        return None
    separators = text[2:][ends].reshape(-1, width)
    if (separators[:, :-1] != ord(",")).any() or (separators[:, -1] != ord("\n")).any():
        return None
    lengths = np.diff(ends, prepend=-1) - 1
    if lengths.min() < 1 or lengths.max() > 3:
        return None
    digit = np.where(is_digit, digit, 0).astype(np.uint16)
    value = digit[2:].copy()
    value[:] += 10 * digit[1:-1]
    value[:] += 100 * (digit[:-2] * is_digit[1:-1])
    values = value[ends - 1]
    return values.astype(np.uint8).reshape(-1, width) if values.max() <= 255 else None
