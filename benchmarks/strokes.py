"""The ten digits as strokes of a pen: written by hand into numbers once, drawn by the mouse or onto an image."""

import math

from PIL import Image, ImageDraw

Point = tuple[float, float]  # x to the right, y down
Stroke = list[Point]


def arc(x: float, y: float, width: float, height: float, start: float, end: float) -> Stroke:
    """Return part of an ellipse from its centre, half axes and angles: degrees, 0 to the right, 90 down."""
    angles = [math.radians(start + (end - start) * i / 16) for i in range(17)]
    return [(x + width * math.cos(angle), y + height * math.sin(angle)) for angle in angles]


DIGITS: list[list[Stroke]] = [  # of height 1
    [arc(0.5, 0.5, 0.32, 0.5, -80, 285)],
    [[(0.4, 0.15), (0.55, 0), (0.53, 1)]],
    [[*arc(0.48, 0.27, 0.31, 0.27, -165, 35), (0.15, 0.97), (0.88, 0.98)]],
    [[*arc(0.45, 0.25, 0.31, 0.25, -155, 85), *arc(0.45, 0.74, 0.36, 0.26, -85, 155)]],
    [[(0.24, 0), (0.18, 0.52), (0.84, 0.5)], [(0.7, 0.1), (0.66, 1)]],
    [[(0.3, 0.02), (0.25, 0.45), *arc(0.46, 0.69, 0.34, 0.31, -130, 145)], [(0.3, 0.02), (0.84, 0)]],
    [[(0.66, 0), (0.38, 0.25), *arc(0.48, 0.72, 0.3, 0.28, -165, 185)]],
    [[(0.14, 0.04), (0.86, 0), (0.42, 1)]],
    [[(0.74, 0.12), *arc(0.5, 0.25, 0.26, 0.25, -60, -255), *arc(0.5, 0.76, 0.32, 0.25, -75, 245), (0.74, 0.12)]],
    [[*arc(0.48, 0.28, 0.28, 0.28, -15, -375), (0.72, 0.6), (0.64, 1)]],
]


def place(digit: int, side: float, size: float = 0.7, slant: float = 0.1, shift: Point = (0, 0)) -> list[Stroke]:
    """Return a digit's strokes on a square canvas.

    They are `size` of its `side` high, lean right by `slant` and are off the centre by `shift` of the side.
    """
    return [
        [
            (
                side * (0.5 + shift[0] + size * (0.8 * (x - 0.5) + slant * (0.5 - y))),
                side * (0.5 + shift[1] + size * (y - 0.5)),
            )
            for x, y in stroke
        ]
        for stroke in DIGITS[digit]
    ]


def image(digit: int, side: int = 200) -> Image.Image:
    """Return a digit in black ink on a white square."""
    paper = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(paper)
    for stroke in place(digit, side):
        pen.line(stroke, fill=0, width=side // 12, joint="curve")
    return paper
