"""The dialects of a CSV of digits: one table of names and cells, and the layout that a first line gives a file.

A row is `[leading,][label,]pixels[,label]`: 784 pixels, row-major 28x28, and at most one label. Names are in any case,
with or without quotes.
"""

from dataclasses import dataclass

from stages.artifacts.images import SIDE
from stages.ingest.cells import parse

PIXELS = SIDE * SIDE
IDS = ("id", "imageid")  # a leading column that the submission repeats: Kannada-MNIST's test.csv
INDICES = ("", "unnamed: 0")  # a leading column that is left out: pandas' index, R's row names
LABELS = ("label", "class", "target", "digit")
NAMINGS = (  # of the pixels
    [f"pixel{i}" for i in range(PIXELS)],  # Kaggle's Digit Recognizer, Kannada-MNIST
    [f"pixel{i + 1}" for i in range(PIXELS)],  # Fashion-MNIST, Sign Language MNIST, OpenML
    [f"{row + 1}x{column + 1}" for row in range(SIDE) for column in range(SIDE)],  # MNIST in CSV
    [f"{i}" for i in range(PIXELS)],  # pandas, from an array
)
NUMBER = rb"[0-9]{1,3}(\.0)?"  # a label or pixel
ID = rb'[\w.-]{1,40}|"[\w.-]{1,40}"'  # a cell of the leading column

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Layout:
    """What each column of a file is."""

    columns: list[str]  # as the header spells them; without a header, as errors name them
    leading: bool  # whether column 1 is an id or an index
    label: int | None  # column of the label, from 0; None: no labels
    start: int  # bytes before the first row

    @property
    def numbers(self) -> int:
        """The number of columns with labels and pixels."""
        return len(self.columns) - self.leading

    @property
    def has_header(self) -> bool:
        return self.start > len(BYTE_ORDER_MARK)

    @property
    def first_row(self) -> int:
        """The number of the line with the first row, from 1."""
        return 1 + self.has_header

    @property
    def id_name(self) -> str | None:
        """The name of the column with the ids, if there is one."""
        return self.columns[0] if self.leading and self.columns[0].lower() in IDS else None

    def __str__(self) -> str:
        """The layout in words: columns pixel0 to pixel783, label first."""
        pixels = [name for i, name in enumerate(self.columns) if i != self.label][self.leading :]
        parts = [f"columns {pixels[0]} to {pixels[-1]}" if self.has_header else "no header"]
        if self.label is None:
            parts.append("no label")
        else:
            parts.append(f"{self.columns[self.label]} {'last' if self.label >= PIXELS else 'first'}")
        if self.leading:
            parts.append(f"ids in {self.id_name!r}" if self.id_name else f"column {self.columns[0]!r} left out")
        return ", ".join(parts)


def find_layout(line: bytes) -> Layout | None:
    """Return the layout of a file that begins with this line (newline included), or None if it is in no dialect.

    A line of numbers is a row: 785 numbers with the label first, or 784 without one.
    """
    text = first_line_text(line)
    columns = split_names(text)
    leading, label, pixels = assign(columns)
    if pixels in NAMINGS:
        return Layout(columns, leading, label, len(line))
    width = text.count(b",") + 1
    if width in (PIXELS, PIXELS + 1) and parse(text + b"\n", width) is not None:
        return without_header(width, len(line) - len(line.removeprefix(BYTE_ORDER_MARK)))
    return None


def without_header(width: int, start: int = 0) -> Layout:
    """Return the layout of a file with 784 or 785 columns and no header."""
    if width == PIXELS:
        return Layout(NAMINGS[0], False, None, start)
    return Layout(["label", *NAMINGS[0]], False, 0, start)


def first_line_text(line: bytes) -> bytes:
    return line.removeprefix(BYTE_ORDER_MARK).removesuffix(b"\n").removesuffix(b"\r")


def split_names(text: bytes) -> list[str]:
    """Return the names of a header, without their quotes."""
    names = text.decode("utf-8", "replace").split(",")
    return [name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name for name in names]


def assign(columns: list[str]) -> tuple[bool, int | None, list[str]]:
    """Return whether the first column leads, which one is the label, and the other names in lower case."""
    names = [name.lower() for name in columns]
    leading = names[0] in IDS + INDICES
    if names[leading:] and names[leading] in LABELS:
        return leading, int(leading), names[leading + 1 :]
    if names[leading:] and names[-1] in LABELS:
        return leading, len(names) - 1, names[leading:-1]
    return leading, None, names[leading:]
