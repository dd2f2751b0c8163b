"""The error for a CSV: what is wrong, where, and what to do. Called only after the reader has rejected some bytes."""

import re

from stages.artifacts.images import CLASSES

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_NO_CR = "end lines with LF or CRLF, not with CR"

_OTHER_FORMATS = {  # by their first bytes
    b"PK\x03\x04": "a zip archive: unzip it (or, if it is a spreadsheet, save it as CSV)",
    b"BZh": "a bzip2 archive: unpack it, or use gzip",
    b"\xfd7zXZ": "an xz archive: unpack it, or use gzip",
    b"\x28\xb5\x2f\xfd": "a zstd archive: unpack it, or use gzip",
    b"7z\xbc\xaf": "a 7z archive: unpack it, or use gzip",
    b"\x1f\x8b": "gzip within gzip: unpack it once",
    b"\xff\xfe": "UTF-16: save the file as UTF-8",
    b"\xfe\xff": "UTF-16: save the file as UTF-8",
}

_REMEDIES = {  # by a pattern of the invalid cell
    r"\r": _NO_CR,
    r"\0": "is the file UTF-16, or damaged? Save it as UTF-8",
    r"\w *[;\t|] *\w|\w +\w+ +\w": "use commas between the columns",
    r"^\ufeff?(label|pixel\d+)$": "a second header? Remove this line",
    r"\ufeff": "remove the byte-order mark",
    r"^[\"']": "write it without quotes",
    r"\s": "remove the whitespace",
    r"^[-+]?\d*\.\d*(e[-+]?\d+)?$|^\d+e[-+]?\d+$": "write integers; ink is 255, not 1",
    r"^[-+]?0+\d*$": "write it without a sign and leading zeros",
}


class CsvError(Exception):
    """What is wrong, and in which line and column (both from 1) of the file."""

    def __init__(self, message: str, line: int, column: int | None = None):
        where = f"line {line}" if column is None else f"line {line}, column {column}"
        super().__init__(f"{where}: {message}")


def header_error(line: bytes, columns: list[str]) -> CsvError:
    """Return what is wrong with line 1, or with the part of it that was read."""
    if not line:
        return CsvError("expected a header, found an empty file", 1)
    for start, name in _OTHER_FORMATS.items():
        if line.startswith(start):
            return CsvError(f"expected a header, found {name}", 1)
    if b"\0" in line:
        return CsvError("expected a header in UTF-8, found NUL bytes (UTF-16?): save the file as UTF-8", 1)
    text = line.removeprefix(BYTE_ORDER_MARK).removesuffix(b"\n").removesuffix(b"\r")
    found = text.decode("utf-8", "replace").split(",")
    for column, (name, wanted) in enumerate(zip(found, columns, strict=False), start=1):
        if name != wanted:
            first = "'label' or 'pixel0'" if column == 1 else repr(wanted)
            return CsvError(f"expected the header {first}, found {name[:40]!r}{_header_remedy(name)}", 1, column)
    if len(found) != len(columns):
        more = "" if line.endswith(b"\n") else " or more"
        extra = f" ({found[len(columns)][:40]!r} is too many)" if len(found) > len(columns) else ""
        return CsvError(f"expected a header of {len(columns)} columns, found {len(found)}{more}{extra}", 1)
    return unterminated_line_error(line, 1)


def row_error(lines: bytes, first_line: int, columns: list[str]) -> CsvError:
    """Return the first error in complete lines of rows."""
    for line, row in enumerate(lines[:-1].split(b"\n"), start=first_line):
        cells = row.split(b",")
        if row in (b"", b"\r"):
            return CsvError(f"expected {len(columns)} numbers, found a blank line: remove it", line)
        for column, (name, cell) in enumerate(zip(columns, cells, strict=False), start=1):
            high = CLASSES - 1 if name == "label" else 255
            if not re.fullmatch(rb"[0-9]{1,3}", cell) or int(cell) > high:
                text = cell.decode("utf-8", "replace")
                found = f"{text[:40]!r}{_remedy(text)}" if text else "nothing"
                return CsvError(f"{name}: expected an integer from 0 to {high}, found {found}", line, column)
        if len(cells) != len(columns):
            return CsvError(f"expected {len(columns)} numbers, found {len(cells)}", line)
    raise AssertionError("the parser rejected lines without an error")


def endless_line_error(start: bytes, line: int) -> CsvError:
    remedy = f": {_NO_CR}" if b"\r" in start else ""
    return CsvError(f"expected a row of numbers, found {len(start):,} bytes without a newline{remedy}", line)


def unterminated_line_error(text: bytes, line: int) -> CsvError:
    """Return the error for a last line without a newline, which may or may not be cut short."""
    remedy = _NO_CR if b"\r" in text[:-1] else "the file may be cut short; add a newline if it is complete"
    return CsvError(f"the last line has no newline: {remedy}", line)


def _header_remedy(name: str) -> str:
    if name == "label":
        return ": the label must be the first column"
    if not name:
        return ": has pandas written its index? Use to_csv(index=False)"
    return "" if re.fullmatch(r"pixel\d+", name) else _remedy(name)


def _remedy(text: str) -> str:
    patterns = (pattern for pattern in _REMEDIES if re.search(pattern, text[:100], re.ASCII | re.IGNORECASE))
    return next((f": {_REMEDIES[pattern]}" for pattern in patterns), "")
