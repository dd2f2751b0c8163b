"""CSVs of digits: read them strictly, in Kaggle's form or another dialect (see dialects.py), write Kaggle's form fast.

The reader never repairs and never guesses: what is in no dialect is an error with file, line and column.
"""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import numpy as np

from stages.artifacts.errors import PipelineError
from stages.artifacts.images import CLASSES
from stages.ingest import csv_errors
from stages.ingest.cells import Plausibility, parse, split_first
from stages.ingest.csv_errors import CsvError
from stages.ingest.dialects import ID, NAMINGS, PIXELS, find_layout

PIXEL_COLUMNS = NAMINGS[0]  # Kaggle's

_BLOCK_BYTES = 1 << 18  # fits the processor's cache: larger blocks take 1.5 times as long
_BLOCK_MEMORY = 1 << 22  # bytes: more than any array needs while a block is parsed
_LONGEST_LINE = 32 * (PIXELS + 1)  # more than a header or a row needs, even of NumPy's 1.000000000000000000e+00
_GZIP_MAGIC = b"\x1f\x8b"


class Table(NamedTuple):
    """Rows of a CSV."""

    pixels: np.ndarray  # (n, 784) uint8, row-major 28x28, ink = 255
    labels: np.ndarray | None  # (n,) uint8 in 0-9; None if the CSV has no label column


class CsvReader:
    """The rows of a plain or gzipped CSV, LF or CRLF, with or without a byte-order mark, some hundred at a time."""

    def __init__(self, path: Path):
        """Find the layout in the first line. Raises PipelineError."""
        self.path = path
        self._rows = 0
        self._lacks_newline = False
        with _errors_naming(path), _open(path) as stream:
            head = stream.read(_LONGEST_LINE)
            layout = find_layout(head[: head.find(b"\n") + 1] or head)
            if layout is None:
                raise csv_errors.first_line_error(head)
        self.layout = layout

    def blocks(self) -> Iterator[tuple[Table, list[str] | None]]:
        """Yield the rows, once, and their ids if the CSV has a column of them.

        Raises PipelineError with file, line and column at the first block that is not in the layout, or, at the end,
        if the file as a whole is implausible.
        """
        _let_malloc_reuse_memory()
        plausibility = Plausibility(self.layout.has_header)
        with _errors_naming(self.path), _open(self.path) as stream:
            stream.read(self.layout.start)
            for lines in self._complete_lines(stream):
                table, ids = self._parse(lines)
                plausibility.add(*table)
                self._rows += len(table.pixels)
                yield table, ids if self.layout.id_name else None
        if not self._rows:
            raise PipelineError(f"{self.path}, line 2: expected rows of numbers, found the end of the file")
        if problem := plausibility.problem():
            raise PipelineError(f"{self.path}: {problem}")

    def summary(self) -> str:
        """Return how the file was read, in a line."""
        doubt = "; the last line has no newline: is the file complete?" if self._lacks_newline else ""
        return f"{self.path}: {self.layout}, {self._rows:,} rows{doubt}"

    def _parse(self, lines: bytes) -> tuple[Table, list[str] | None]:
        """Parse complete lines; the last line of a file may lack its newline."""
        if not lines.endswith(b"\n"):
            self._lacks_newline = True
            lines += b"\n"
        if b"\r" in lines:
            lines = lines.replace(b"\r\n", b"\n")
        layout = self.layout
        ids, numbers = split_first(lines, ID) if layout.leading else (None, lines)
        rows = None if numbers is None else parse(numbers, layout.numbers)
        label = None if layout.label is None else layout.label - layout.leading
        if rows is None or (label is not None and rows[:, label].max() >= CLASSES):
            raise csv_errors.row_error(lines, self._line, layout, self._lacks_newline)
        if label is None:
            return Table(rows, None), ids
        return Table(rows[:, :-1] if label else rows[:, 1:], rows[:, label]), ids

    def _complete_lines(self, stream: BinaryIO) -> Iterator[bytes]:
        """Yield the stream in blocks that end with a newline, and at last what comes after the last newline."""
        rest = b""
        while block := stream.read(_BLOCK_BYTES):
            end = block.rfind(b"\n") + 1
            if end:
                yield rest + block[:end]
                rest = b""
            rest += block[end:]
            if len(rest) > _LONGEST_LINE:
                raise csv_errors.endless_line_error(rest, self._line)
        if rest:
            yield rest

    @property
    def _line(self) -> int:
        """The number of the next line."""
        return self._rows + self.layout.first_row


def read_blocks(path: Path) -> Iterator[Table]:
    """Yield the rows of a CSV, some hundred at a time. Raises PipelineError (see CsvReader)."""
    for table, _ in CsvReader(path).blocks():
        yield table


def write_csv(stream: BinaryIO, pixels: np.ndarray, labels: np.ndarray | None) -> None:
    """Write (n, 784) uint8 pixels, and (n,) uint8 labels if there are any, in Kaggle's format."""
    write_header(stream, labelled=labels is not None)
    write_rows(stream, pixels, labels)


def write_header(stream: BinaryIO, labelled: bool) -> None:
    columns = ["label", *PIXEL_COLUMNS] if labelled else PIXEL_COLUMNS
    stream.write(",".join(columns).encode() + b"\n")


def write_rows(stream: BinaryIO, pixels: np.ndarray, labels: np.ndarray | None) -> None:
    """Write rows behind a header and others; the arguments are those of `write_csv`."""
    rows = pixels if labels is None else np.column_stack([labels, pixels])
    digits = [b"%d" % value for value in range(256)]
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


@contextmanager
def _errors_naming(path: Path) -> Iterator[None]:
    """Turn the errors of a CSV and of a damaged gzip file into ones that name the file."""
    try:
        yield
    except CsvError as error:
        raise PipelineError(f"{path}, {error}") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise PipelineError(f"{path} is a damaged gzip file ({error}): copy or download it again") from None


def _let_malloc_reuse_memory() -> None:
    """Free one large array. After that, glibc reuses the memory of smaller arrays for the next block; otherwise it
    returns it to the system each time, and allocating new pages takes twice as long as parsing. No effect elsewhere.
    """
    np.empty(_BLOCK_MEMORY, np.uint8)
