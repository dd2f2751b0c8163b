"""The error for a CSV: what is wrong, where, and what to do. Called only after the reader has rejected some bytes."""

import re
from operator import eq

from stages.artifacts.images import CLASSES
from stages.ingest import dialects
from stages.ingest.dialects import NAMINGS, PIXELS, Layout
from stages.ingest.file_kinds import kind_and_remedy

_NO_CR = "end lines with LF or CRLF, not with CR"

_INTEGERS = "write integers (NumPy: savetxt(..., fmt='%d'))"
_REMEDIES = {  # by a pattern of the invalid cell
    r"\r": _NO_CR,
    r"\0": "is the file damaged, or in part UTF-16? Save it as UTF-8",
    r"\w *[;\t|] *\w|\w +\w+ +\w": "use commas between the columns",
    rf"^\ufeff?\"?({'|'.join(dialects.LABELS)}|pixel\d+|\d+x\d+)\"?$": "a second header? Remove this line",
    r"\ufeff": "remove the byte-order mark",
    r"^[\"']\d": "write it without quotes",
    r"^\s+\d|\d\s+\d|\d\s+$": "remove the whitespace",
    r"^0?\.\d*[1-9]|^\d(\.\d*)?e-\d+$": "are the pixels scaled to 0-1? Multiply them by 255 and round",
    r"^-\d*\.\d": "are the pixels standardised? Write them as they were, 0-255",
    r"^[-+]?\d+(\.\d*)?e[-+]?\d+$|^\d+\.(\d*[1-9]\d*|0{2,})?$": _INTEGERS,
    r"^-0+$|^\+\d{1,2}$|^00+\d{1,2}$": "write it without a sign and leading zeros",
}


class CsvError(Exception):
    """What is wrong, and in which line and column (both from 1) of the file."""

    def __init__(self, message: str, line: int, column: int | None = None):
        where = f"line {line}" if column is None else f"line {line}, column {column}"
        super().__init__(f"{where}: {message}")


def first_line_error(head: bytes) -> CsvError:
    """Return what is wrong with line 1 of a file that begins with these bytes."""
    if not head:
        return CsvError("expected a CSV, found an empty file", 1)
    if other := kind_and_remedy(head):
        return CsvError(f"expected a CSV, found {other}", 1)
    line, newline, _ = head.partition(b"\n")
    text = dialects.first_line_text(line)
    if re.match(rb"[-+]?\.?\d+[\d.e+-]*(,|$)", text):
        return _first_numbers_error(text)
    return _header_error(dialects.split_names(text), "" if newline else " or more")


def row_error(lines: bytes, first_line: int, layout: Layout, is_cut: bool = False) -> CsvError:
    """Return the first error in complete lines of rows. `is_cut`: in the file, the last one has no newline."""
    columns = layout.columns
    rows = lines[:-1].split(b"\n")
    for line, row in enumerate(rows, start=first_line):
        cells = row.split(b",")
        if row in (b"", b"\r"):
            return CsvError(f"expected {len(columns)} columns, found a blank line: remove it", line)
        if is_cut and line == first_line + len(rows) - 1 and len(cells) < len(columns):
            remedy = _NO_CR if b"\r" in row else "the file is cut short, copy or download it again"
            return CsvError(f"the last line has {len(cells)} of {len(columns)} columns and no newline: {remedy}", line)
        for column, cell in enumerate(cells[: len(columns)]):
            if expected := _expected(cell, column, layout):
                text = cell.decode("utf-8", "replace")
                found = f"{text[:40]!r}{_remedy(text)}" if text else "nothing"
                return CsvError(f"{columns[column]}: expected {expected}, found {found}", line, column + 1)
        if len(cells) != len(columns):
            return CsvError(f"expected {len(columns)} columns, found {len(cells)}", line)
    raise AssertionError("the parser rejected lines without an error")


def endless_line_error(start: bytes, line: int) -> CsvError:
    remedy = f": {_NO_CR}" if b"\r" in start else ""
    return CsvError(f"expected a row of numbers, found {len(start):,} bytes without a newline{remedy}", line)


def _expected(cell: bytes, column: int, layout: Layout) -> str | None:
    """Return what the cell should be, or None if it is that."""
    if layout.leading and column == 0:
        return None if re.fullmatch(dialects.ID, cell) else "an id of letters and digits"
    high = CLASSES - 1 if column == layout.label else 255
    if re.fullmatch(dialects.NUMBER, cell) and int(cell.removesuffix(b".0")) <= high:
        return None
    return f"an integer from 0 to {high}"


def _first_numbers_error(text: bytes) -> CsvError:
    """Return what is wrong with a first line that begins with a number, but is neither a row nor a header."""
    cells = text.split(b",")
    if b",0.1,0.2," in text:
        return CsvError("a row has become the header (0.1, 0.2: pandas numbers equal names): read with header=None", 1)
    if cells == [b"%d" % i for i in range(len(cells))]:
        return CsvError("columns 0, 1, 2, ...: name the label 'label', or write no header (pandas: header=False)", 1)
    if len(cells) not in (PIXELS, PIXELS + 1):
        found = f"{len(cells)}{_remedy(text.decode('utf-8', 'replace'))}"
        return CsvError(f"expected {PIXELS} columns, or {PIXELS + 1} with a label, found {found}", 1)
    return row_error(text + b"\n", 1, dialects.without_header(len(cells)))


def _header_error(names: list[str], or_more: str) -> CsvError:
    """Return where these names differ from the most similar header."""
    leading, label, pixels = dialects.assign(names)
    naming = max(NAMINGS, key=lambda naming: sum(map(eq, pixels, naming)))
    before = 1 + leading + (label == leading)  # column of the first pixel, from 1
    for column, (name, wanted) in enumerate(zip(pixels, naming, strict=False), start=before):
        if name != wanted:
            example = "a header such as 'label,pixel0,...,pixel783', or none"
            expected = repr(wanted) if any(map(eq, pixels, naming)) else example
            found = f"{names[column - 1][:40]!r}{_header_remedy(name, naming)}"
            return CsvError(f"expected {expected}, found {found}", 1, column)
    width = len(names) - len(pixels) + PIXELS
    extra = f" ({pixels[PIXELS][:40]!r} is too many)" if len(pixels) > PIXELS else ""
    return CsvError(f"expected a header of {width} columns, found {len(names)}{or_more}{extra}", 1)


def _header_remedy(name: str, naming: list[str]) -> str:
    if name != name.strip(" \t"):
        return ": remove the whitespace"
    if name in naming:
        return ": the pixels must be in order, row by row, each once"
    if name in dialects.LABELS:
        return ": the label must be the first or the last column, and the only one"
    if name in dialects.IDS + dialects.INDICES:
        return ": only the first column may be an id or an index"
    return _remedy(name)


def _remedy(text: str) -> str:
    patterns = (pattern for pattern in _REMEDIES if re.search(pattern, text[:100], re.ASCII | re.IGNORECASE))
    return next((f": {_REMEDIES[pattern]}" for pattern in patterns), "")
