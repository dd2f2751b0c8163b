"""Strokes of a pen on a canvas, and digits redrawn by another pen.

Points are rounded to whole pixels before Pillow draws them, so every CPU draws the same bytes.
"""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from stages.screening.mnist_form import BOX, form

Stroke = np.ndarray  # (k, 2) float64: x to the right, y down

SIDE = 96  # pixels of the square canvas, three times MNIST's
ZOOM = 3  # of MNIST's pixels
_MARGIN = 14  # pixels at each edge, for the width of a stroke
_SPAN = SIDE - 2 * _MARGIN  # pixels of the unit in which strokes are given
_OFF = 0.04  # of the height: how far a point of a stroke may be off
_CORNERS = 7  # points: a stroke of more is smooth, and needs to be round at its ends only
_CIRCLE = np.round([[math.cos(math.radians(a)), math.sin(math.radians(a))] for a in range(0, 360, 10)], 9)


def arc(x: float, y: float, width: float, height: float, start: float, end: float) -> Stroke:
    """Return part of an ellipse from its centre, half axes and angles: degrees, 0 to the right, 90 down."""
    first, last = round(start / 10), round(end / 10)
    steps = np.arange(first, last + 1) if first < last else np.arange(first, last - 1, -1)
    return _CIRCLE[steps % len(_CIRCLE)] * (width, height) + (x, y)


def curve(points: np.ndarray) -> Stroke:
    """Return a smooth stroke along (k, 2) points, by Chaikin's cutting of corners."""
    for _ in range(3):
        cut = np.empty((2 * len(points) - 2, 2))
        cut[0::2], cut[1::2] = 0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]
        points = np.concatenate([points[:1], cut, points[-1:]])
    return points


def bent(strokes: list[Stroke], random: np.random.RandomState) -> list[Stroke]:
    """Return strokes in the unit square as a hand writes them: wide or narrow, leaning either way, a little off."""
    wide, lean = random.uniform(0.55, 1.05), random.uniform(-0.15, 0.35)
    moved = []
    for stroke in strokes:
        knots = random.uniform(-_OFF, _OFF, (4, 2))
        along = np.linspace(0, 3, len(stroke))
        x, y = (stroke[:, axis] + np.interp(along, np.arange(4), knots[:, axis]) for axis in (0, 1))
        moved.append(np.stack([0.5 + wide * (x - 0.5) + lean * (0.5 - y), y], axis=1))
    return moved


def draw(strokes: list[Stroke], width: int) -> np.ndarray:
    """Return (96, 96) uint8 ink of strokes in the unit square, `width` pixels wide, with round ends."""
    paper = Image.new("L", (SIDE, SIDE))
    pen = ImageDraw.Draw(paper)
    for stroke in strokes:
        points = [(x, y) for x, y in np.rint(stroke * _SPAN + _MARGIN).astype(int).tolist()]
        pen.line(points, fill=255, width=width)
        for x, y in points if len(points) < _CORNERS else points[:: len(points) - 1]:
            pen.ellipse((x - width // 2, y - width // 2, x + (width - 1) // 2, y + (width - 1) // 2), fill=255)
    return np.asarray(paper)


def enlarged(image: np.ndarray) -> np.ndarray:
    """Return (84, 84) uint8 ink of a (28, 28) uint8 image."""
    side = len(image) * ZOOM
    return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))


def redrawn(ink: np.ndarray, random: np.random.RandomState) -> np.ndarray | None:
    """Return ink, three times as large as MNIST's, as another pen and camera would show it: (28, 28) uint8, in form.

    Thicker or thinner with sharp edges; one time in four also from few pixels. None if nothing is left of it.
    """
    blurred = Image.fromarray(ink).filter(ImageFilter.GaussianBlur(random.uniform(0.7, 2.5)))
    middle = random.uniform(0.15, 0.6) * 255
    slope = max(random.uniform(1.5, 8), 128 / middle)  # so that black stays black
    table = ((np.arange(256) - middle) * slope + 128).clip(0, 255).astype(int).tolist()
    inked = blurred.point(table)
    if random.uniform() < 0.25:
        inked = _coarse(inked, random.randint(7, BOX))
    return form(np.asarray(inked))


def _coarse(ink: Image.Image, pixels: int) -> Image.Image:
    """Return ink as it looks if it was only that many pixels high or wide."""
    box = ink.getbbox()
    if box is None:
        return ink
    cropped = ink.crop(box)
    scale = pixels / max(cropped.size)
    size = max(1, round(cropped.width * scale)), max(1, round(cropped.height * scale))
    return cropped.resize(size, Image.Resampling.BOX)
