"""Kaggle's Digit Recognizer CSV: read it strictly, write it fast.

Reading checks the whole data contract: header `[label,]pixel0,...,pixel783`, then rows of integers 0-255 (labels 0-9),
nothing else. It never repairs and never guesses: what does not fit is an error with file, line and column.
"""

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from stages.errors import PipelineError
from stages.images import CLASSES, SIDE

PIXELS = SIDE * SIDE
PIXEL_COLUMNS = [f"pixel{i}" for i in range(PIXELS)]

_BLOCK_BYTES = 1 << 18  # fits the processor's cache: larger blocks take half as long again
_BLOCK_MEMORY = 1 << 22  # bytes: more than any array takes while a block is parsed
_LONGEST_LINE = 16 * (PIXELS + 1)  # more than a header or a row can need
_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Table(NamedTuple):
    """Rows of a CSV."""

    pixels: np.ndarray  # (n, 784) uint8, row-major 28x28, ink = 255
    labels: np.ndarray | None  # (n,) uint8 in 0-9; None where the CSV has no label column


class _Fault(Exception):
    """What is wrong, and in which line and column (both from 1) of the file."""

    def __init__(self, message: str, line: int, column: int | None = None):
        where = f"line {line}" if column is None else f"line {line}, column {column}"
        super().__init__(f"{where}: {message}")


def read_blocks(path: Path) -> Iterator[Table]:
    """Yield the rows of a plain or gzipped CSV, LF or CRLF, with or without a byte-order mark, some hundred at a time.

    Raises PipelineError, naming file, line and column, for anything that breaks the contract: at the block that does.
    """
    _let_malloc_reuse_memory()
    rows = None
    try:
        with _open(path) as stream:
            labelled = _read_header(stream)
            for rows in _read_rows(stream, labelled):
                yield Table(rows[:, 1:], rows[:, 0]) if labelled else Table(rows, None)
    except _Fault as fault:
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
        raise PipelineError(f"{path} is not a file: check data.train_csv and data.test_csv in params.yaml")
    with path.open("rb") as stream:
        zipped = stream.read(2) == _GZIP_MAGIC
    return gzip.open(path) if zipped else path.open("rb")


def _read_header(stream: BinaryIO) -> bool:
    """Check line 1; return whether the rows begin with a label."""
    line = stream.readline(_LONGEST_LINE).removeprefix(_BYTE_ORDER_MARK)
    if not line:
        raise _Fault("expected a header, found an empty file", 1)
    if b"\0" in line:
        raise _Fault("expected a header in UTF-8, found NUL bytes (UTF-16?): save the file as UTF-8", 1)
    found = line.rstrip(b"\r\n").decode("utf-8", "replace").split(",")
    labelled = found[0] == "label"
    expected = ["label", *PIXEL_COLUMNS] if labelled else PIXEL_COLUMNS
    for column, (name, wanted) in enumerate(zip(found, expected, strict=False), start=1):
        if name != wanted:
            first = " or 'label'" if column == 1 else ""
            raise _Fault(f"expected the header {wanted!r}{first}, found {name[:40]!r}", 1, column)
    if len(found) != len(expected):
        raise _Fault(f"expected a header of {len(expected)} columns, found {len(found)}", 1)
    return labelled


def _read_rows(stream: BinaryIO, labelled: bool) -> Iterator[np.ndarray]:
    """Yield the rows, block by block, as (n, 784 or 785) uint8."""
    columns = (["label"] if labelled else []) + PIXEL_COLUMNS
    line = 2
    for lines in _whole_lines(stream, line):
        if b"\r" in lines:
            lines = lines.replace(b"\r\n", b"\n")
        rows = _parse(lines, len(columns))
        if rows is None or (labelled and rows[:, 0].max() >= CLASSES):
            raise _locate(lines, line, columns)
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
            raise _Fault(f"expected a row of numbers, found more than {_LONGEST_LINE} bytes without a line's end", line)
    if rest:
        raise _Fault("the last line has no line's end: the file may be cut short; add a newline if it is whole", line)


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


def _locate(lines: bytes, first_line: int, columns: list[str]) -> _Fault:
    """Find the first fault in lines that `_parse` refused."""
    for line, row in enumerate(lines[:-1].split(b"\n"), start=first_line):
        cells = row.split(b",")
        if row in (b"", b"\r"):
            return _Fault(f"expected {len(columns)} numbers, found a blank line", line)
        for column, (name, cell) in enumerate(zip(columns, cells, strict=False), start=1):
            high = CLASSES - 1 if name == "label" else 255
            if not re.fullmatch(rb"[0-9]{1,3}", cell) or int(cell) > high:
                found = repr(cell[:40].decode("utf-8", "replace")) if cell else "nothing"
                return _Fault(f"{name}: expected an integer from 0 to {high}, found {found}", line, column)
        if len(cells) != len(columns):
            return _Fault(f"expected {len(columns)} numbers, found {len(cells)}", line)
    raise AssertionError("the parser refused lines in which no fault can be found")
