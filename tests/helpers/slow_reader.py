"""A slow and simple reader of CSVs of digits, cell by cell, with which the pipeline's reader is compared: the two share
the table of names, and nothing else."""

import gzip
import re
import zlib
from typing import NamedTuple

from stages.ingest.dialects import IDS, INDICES, LABELS, NAMINGS

ANYWHERE = 0  # the line of an error in a damaged gzip file
WHOLE_FILE = -1  # ... that is in no line

_CORNERS = (0, 27, 28 * 27, 28 * 28 - 1)


class Refused(Exception):
    """line: where the first error is, from 1, or ANYWHERE, or WHOLE_FILE."""

    def __init__(self, line: int):
        super().__init__(line)
        self.line = line


class Digits(NamedTuple):
    pixels: list[list[int]]
    labels: list[int] | None
    ids: list[str] | None


def read(content: bytes) -> Digits:
    """Return the pixels of each row, and the labels and ids if there are any. Raises Refused."""
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error):
            raise Refused(ANYWHERE) from None
    lines = content.removeprefix(b"\xef\xbb\xbf").decode("latin-1").split("\n")
    if lines[-1] == "":
        lines.pop()  # all lines have their newline
    lines = [line.removesuffix("\r") for line in lines]
    if not lines:
        raise Refused(1)
    columns = _columns_of_header(lines[0])
    has_header = columns is not None
    columns = columns or _columns_without_header(lines[0])
    first_row = 2 if has_header else 1
    rows = [_read_row(line, columns, number) for number, line in enumerate(lines[first_row - 1 :], start=first_row)]
    if not rows:
        raise Refused(2)
    digits = Digits(
        [[value for column, value in zip(columns, row, strict=True) if column == "pixel"] for row in rows],
        [row[columns.index("label")] for row in rows] if "label" in columns else None,
        [row[0] for row in rows] if columns[0] == "id" else None,
    )
    if not _is_plausible(digits, has_header):
        raise Refused(WHOLE_FILE)
    return digits


def _columns_of_header(line: str) -> list[str] | None:
    """Return what each column is: id, index, label or pixel. None if the line is not a header."""
    names = [name[1:-1] if re.fullmatch('".*"', name) else name for name in line.lower().split(",")]
    lead = ["id"] if names[0] in IDS else ["index"] if names[0] in INDICES else []
    names = names[len(lead) :]
    if names[:1] and names[0] in LABELS and names[1:] in NAMINGS:
        return [*lead, "label", *["pixel"] * 784]
    if names[:1] and names[-1] in LABELS and names[:-1] in NAMINGS:
        return [*lead, *["pixel"] * 784, "label"]
    return [*lead, *["pixel"] * 784] if names in NAMINGS else None


def _columns_without_header(line: str) -> list[str]:
    width = len(line.split(","))
    if width not in (784, 785):
        raise Refused(1)
    return ["label"] * (width - 784) + ["pixel"] * 784


def _read_row(line: str, columns: list[str], number: int) -> list:
    cells = line.split(",")
    if len(cells) != len(columns):
        raise Refused(number)
    return [_read_cell(cell, column, number) for cell, column in zip(cells, columns, strict=True)]


def _read_cell(cell: str, column: str, number: int) -> int | str:
    if column in ("id", "index"):
        unquoted = cell[1:-1] if re.fullmatch('".*"', cell) else cell
        if not re.fullmatch("[A-Za-z0-9_.-]{1,40}", unquoted):
            raise Refused(number)
        return unquoted
    whole = cell.removesuffix(".0")
    if not re.fullmatch("[0-9]{1,3}", whole) or int(whole) > (9 if column == "label" else 255):
        raise Refused(number)
    return int(whole)


def _is_plausible(digits: Digits, has_header: bool) -> bool:
    """Return whether the file can be of bright ink on black paper, with the labels where they seem to be."""
    bright = [all(row[corner] > 127 for corner in _CORNERS) for row in digits.pixels]
    brightest = max(max(row) for row in digits.pixels)
    last = max(row[-1] for row in digits.pixels)
    label_may_be_last = not has_header and digits.labels and not any(digits.labels) and 1 <= last <= 9
    return brightest > 1 and sum(bright) <= len(bright) / 2 and not label_may_be_last
