"""Complete lines of a CSV to numbers, and what only the numbers of a whole CSV show."""

import re

import numpy as np

from stages.artifacts.images import CLASSES, SIDE

_CORNERS = [0, SIDE - 1, SIDE * (SIDE - 1), SIDE * SIDE - 1]
_BRIGHT = 128


def parse(lines: bytes, width: int) -> np.ndarray | None:
    """Parse lines of `width` integers 0-255 each, written 12 or 12.0, into (n, width) uint8.

    Vectorised, without a Python step per number. Returns None if any of it is not in this format.
    """
    values = _parse_integers(lines, width)
    if values is None and b"." in lines:
        # If anything but digits precedes the .0, the integer without it is invalid too.
        values = _parse_integers(lines.replace(b".0,", b",").replace(b".0\n", b"\n"), width)
    return values


def split_first(lines: bytes, pattern: bytes) -> tuple[list[str], bytes] | tuple[None, None]:
    """Return the first cell of each line, without quotes, and the lines without it.

    Returns (None, None) if one of these cells does not match the pattern.
    """
    parts = [line.partition(b",") for line in lines.removesuffix(b"\n").split(b"\n")]
    if not all(re.fullmatch(pattern, first) for first, _, _ in parts):
        return None, None
    firsts = [first.strip(b'"').decode("ascii") for first, _, _ in parts]
    return firsts, b"".join(rest + b"\n" for _, _, rest in parts)


class Plausibility:
    """Finds files of valid numbers that cannot be digits with ink = 255 on paper = 0, block by block."""

    def __init__(self, has_header: bool):
        self._has_header = has_header
        self._rows = 0
        self._brightest = 0
        self._on_bright_paper = 0  # images of which all four corners are bright
        self._highest_label = 0
        self._brightest_last = 0  # of the last pixels

    def add(self, pixels: np.ndarray, labels: np.ndarray | None) -> None:
        """Count (n, 784) uint8 pixels, and (n,) labels if there are any."""
        self._rows += len(pixels)
        self._on_bright_paper += int((pixels[:, _CORNERS].min(axis=1) >= _BRIGHT).sum())
        if self._brightest <= 1:
            self._brightest = pixels.max()
        if labels is not None and not self._has_header and self._highest_label == 0:
            self._highest_label = labels.max()
            self._brightest_last = max(self._brightest_last, pixels[:, -1].max())

    def problem(self) -> str | None:
        """Return what is wrong with the file as a whole, and what to do."""
        if not self._has_header and self._highest_label == 0 and 0 < self._brightest_last < CLASSES:
            return (
                "column 1 is 0 in every row, column 785 is a digit: if the label is last, add a first line that names "
                "the columns (pixel0 to pixel783, label)"
            )
        if self._brightest <= 1:
            return "no pixel exceeds 1, but ink is 255: are they scaled to 0-1? Multiply them by 255"
        if 2 * self._on_bright_paper > self._rows:
            return (
                f"{self._on_bright_paper:,} of {self._rows:,} images have bright corners, but paper is 0 and ink 255: "
                "write 255 - p for each pixel p"
            )
        return None


def _parse_integers(lines: bytes, width: int) -> np.ndarray | None:
    """Parse lines of integers alone.

    Every byte that is not a digit must be the separator expected at its position, and the value that ends at a byte is
    the sum of that byte and the two before it, weighted by 1, 10, 100.
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
