"""Numbers written on paper, and files of such pictures."""

import io

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.strokes import place

INK, PAPER = 30, 235


def write(page: Image.Image, text: str, left: int, top: int, height: int) -> None:
    """Write a line of digits onto a grey page, with much space between them, its first ink at (`left`, `top`)."""
    pen = ImageDraw.Draw(page)
    for i, digit in enumerate(text):
        for stroke in place(int(digit), 2 * height, size=0.5, slant=0):
            shifted = [(x + left + height * (1.5 * i - 0.6), y + top - height / 2) for x, y in stroke]
            pen.line(shifted, fill=INK, width=max(3, height // 9), joint="curve")


def sheet(*lines: str, height: int = 80) -> Image.Image:
    """Return a grey page with these lines of digits, `height` pixels high, and as much margin."""
    page = Image.new("L", (int(height * (1.5 * max(map(len, lines)) + 1.5)), height * (2 * len(lines) + 1)), PAPER)
    for i, line in enumerate(lines):
        write(page, line, height, height * (2 * i + 1), height)
    return page


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def as_picture(image: Image.Image) -> np.ndarray:
    """Return (h, w, 3) uint8."""
    return np.array(image.convert("RGB"))
