"""Kaggle's Digit Recognizer CSV: read it strictly, write it fast.

The format is a header `[label,]pixel0,...,pixel783`, then rows of integers 0-255 (labels 0-9) in one to three digits
(007 is 7), and nothing else. The reader never repairs and never guesses: any deviation is an error with file, line and
column.
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import numpy as np

from stages.artifacts.errors import PipelineError
from stages.artifacts.images import CLASSES, SIDE
from stages.ingest import csv_errors
from stages.ingest.csv_errors import BYTE_ORDER_MARK, CsvError

PIXELS = SIDE * SIDE
PIXEL_COLUMNS = [f"pixel{i}" for i in range(PIXELS)]
FIRST_ROW = 2  # its line: the header is line 1

_BLOCK_BYTES = 1 << 18  # fits the processor's cache: larger blocks take 1.5 times as long
_BLOCK_MEMORY = 1 << 22  # bytes: more than any array needs while a block is parsed
_LONGEST_LINE = 16 * (PIXELS + 1)  # more than a header or a row can need
_GZIP_MAGIC = b"\x1f\x8b"


class Table(NamedTuple):
    """Rows of a CSV."""

    pixels: np.ndarray  # (n, 784) uint8, row-major 28x28, ink = 255
    labels: np.ndarray | None  # (n,) uint8 in 0-9; None if the CSV has no label column


def read_blocks(path: Path) -> Iterator[Table]:
    """Yield the rows of a plain or gzipped CSV, LF or CRLF, with or without a byte-order mark, some hundred at a time.

    Raises PipelineError with file, line and column at the first block that is not in the format.
    """
    _let_malloc_reuse_memory()
    rows = None
    try:
        with _open(path) as stream:
            columns = _read_header(stream)
            for rows in _read_rows(stream, columns):
                yield Table(rows[:, 1:], rows[:, 0]) if columns[0] == "label" else Table(rows, None)
    except CsvError as error:
        raise PipelineError(f"{path}, {error}") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise PipelineError(f"{path} is a damaged gzip file ({error}): copy or download it again") from None
    if rows is None:
        raise PipelineError(f"{path}, line {FIRST_ROW}: expected rows of numbers, found the end of the file")


def write_csv(stream: BinaryIO, pixels: np.ndarray, labels: np.ndarray | None) -> None:
    """Write (n, 784) uint8 pixels, and (n,) uint8 labels if there are any, in Kaggle's format."""
    columns = PIXEL_COLUMNS if labels is None else ["label", *PIXEL_COLUMNS]
    rows = pixels if labels is None else np.column_stack([labels, pixels])
    digits = [b"%d" % value for value in range(256)]
    stream.write(",".join(columns).encode() + b"\n")
    for row in rows:
        stream.write(b",".join([digits[value] for value in row.tobytes()]) + b"\n")


def _open(path: Path) -> BinaryIO:
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "a pipe or device" if path.exists() else "it does not exist"
        hint = "check data.train_csv and data.test_csv in params.yaml, or restore it with dvc checkout"
        raise PipelineError(f"{path} is not a file ({kind}): {hint}")
    with path.open("rb") as stream:
        zipped = stream.read(2) == _GZIP_MAGIC
    return cast(BinaryIO, gzip.open(path)) if zipped else path.open("rb")


def _read_header(stream: BinaryIO) -> list[str]:
    """Check line 1; return the names of the columns."""
    line = stream.readline(_LONGEST_LINE)
    text = line.removeprefix(BYTE_ORDER_MARK)
    columns = ["label", *PIXEL_COLUMNS] if text.startswith(b"label") else PIXEL_COLUMNS
    header = ",".join(columns).encode()
    if text not in (header + b"\n", header + b"\r\n"):
        raise csv_errors.header_error(line, columns)
    return columns


def _read_rows(stream: BinaryIO, columns: list[str]) -> Iterator[np.ndarray]:
    """Yield the rows, block by block, as (n, 784 or 785) uint8."""
    line = FIRST_ROW
    for lines in _complete_lines(stream, line):
        if b"\r" in lines:
            lines = lines.replace(b"\r\n", b"\n")
        rows = _parse(lines, len(columns))
        if rows is None or (columns[0] == "label" and rows[:, 0].max() >= CLASSES):
            raise csv_errors.row_error(lines, line, columns)
        yield rows
        line += len(rows)


def _complete_lines(stream: BinaryIO, line: int) -> Iterator[bytes]:
    """Yield the stream in blocks that end with a newline. `line` is the number of the first line."""
    rest = b""
    while block := stream.read(_BLOCK_BYTES):
        end = block.rfind(b"\n") + 1
        if end:
            line += block.count(b"\n")
            yield rest + block[:end]
            rest = b""
        rest += block[end:]
        if len(rest) > _LONGEST_LINE:
            raise csv_errors.endless_line_error(rest, line)
    if rest:
        raise csv_errors.unterminated_line_error(rest, line)


def _let_malloc_reuse_memory() -> None:
    """Free one large array. After that, glibc reuses the memory of smaller arrays for the next block; otherwise it
    returns it to the system each time, and allocating new pages takes twice as long as parsing. No effect elsewhere.
    """
    np.empty(_BLOCK_MEMORY, np.uint8)


def _parse(lines: bytes, width: int) -> np.ndarray | None:
    """Parse complete lines into (n, width) uint8, or return None if they are not in the format.

    Vectorised, without a Python step per number: every byte that is not a digit must be the separator expected at its
    position, and the value that ends at a byte is the sum of that byte and the two before it, weighted by 1, 10, 100.
    """
    text = np.frombuffer(b",," + lines, np.uint8)  # two separators, so every byte has two before it
    digit = text - ord("0")  # wraps around: a byte below '0' becomes large
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
