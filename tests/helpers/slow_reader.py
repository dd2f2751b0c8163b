"""A slow and simple reader of Kaggle's CSV, cell by cell: written from the format's description in the README, not from
the pipeline's reader, which is compared with it."""

import gzip
import re
import zlib

PIXELS = [f"pixel{i}" for i in range(28 * 28)]


class Refused(Exception):
    """line: where the first error is, from 1; 0 if the gzip file itself is damaged."""

    def __init__(self, line: int):
        super().__init__(line)
        self.line = line


def read(content: bytes) -> tuple[list[list[int]], list[int] | None]:
    """Return the pixels of each row, and the labels if there are any. Raises Refused."""
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error):
            raise Refused(0) from None
    header, *lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    names = header.removesuffix(b"\r").decode("latin-1").split(",")
    if names not in (PIXELS, ["label", *PIXELS]) or not lines:
        raise Refused(1)
    rows = [_read_row(line, names, number) for number, line in enumerate(lines[:-1], start=2)]
    if lines[-1] or not rows:  # the last line has no newline, or there are no rows
        raise Refused(len(rows) + 2)
    return ([row[1:] for row in rows], [row[0] for row in rows]) if names[0] == "label" else (rows, None)


def _read_row(line: bytes, names: list[str], number: int) -> list[int]:
    cells = line.removesuffix(b"\r").decode("latin-1").split(",")
    if len(cells) != len(names):
        raise Refused(number)
    for name, cell in zip(names, cells, strict=True):
        if not re.fullmatch("[0-9]{1,3}", cell) or int(cell) > (9 if name == "label" else 255):
            raise Refused(number)
    return [int(cell) for cell in cells]
