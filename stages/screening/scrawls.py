"""Strokes that are not a digit: letters, what letters are built from, scribbles, and the marks around digits."""

import numpy as np

from stages.screening.letters import draw_letter
from stages.screening.pen import Stroke, arc, curve, draw

_GRID = [(x, y / 3) for x in (0, 0.5, 1) for y in range(4)]
_SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])


def letter(random: np.random.RandomState) -> np.ndarray:
    """Draw a letter that people write unlike any digit."""
    return draw_letter(random)


def glyph(random: np.random.RandomState) -> np.ndarray | None:
    """Draw one to four lines and arcs between the points of a 3x4 grid; None if that is a single oval."""
    wide = random.uniform(0.4, 1)
    strokes, ovals = [], 0
    for _ in range(random.randint(1, 5)):
        ends = np.array(_GRID)[random.randint(len(_GRID), size=2)] + random.uniform(-0.05, 0.05, (2, 2))
        ends[:, 0] = 0.5 + wide * (ends[:, 0] - 0.5)
        if random.uniform() < 0.6:
            strokes.append(ends)
            continue
        x, y = ends[0]
        width, height = random.uniform(0.15, 0.5, 2)
        start, turn = 90 * random.randint(4) + 10 * random.randint(-1, 2), 90 * random.randint(1, 5)
        strokes.append(arc(x, y, wide * width, height, start, start + turn))
        ovals += turn == 360
    return None if ovals and len(strokes) == 1 else draw(strokes, random.randint(4, 14))


def scribble(random: np.random.RandomState) -> np.ndarray:
    """Draw smooth curves: a walk, one to three with a few turns, or one to and fro."""
    way = random.randint(3)
    if way == 0:
        walk = np.cumsum(random.uniform(-1, 1, (random.randint(4, 13), 2)), axis=0)
        strokes = [_in_unit_square(curve(walk))]
    elif way == 1:
        strokes = [curve(random.uniform(0, 1, (random.randint(4, 9), 2))) for _ in range(random.randint(1, 4))]
    else:
        strokes = [curve(random.uniform(0, 1, (random.randint(8, 16), 2)))]
    return draw(strokes, random.randint(3, 11))


def mark(random: np.random.RandomState) -> np.ndarray:
    """Draw what is around digits on paper: dots, dashes, crosses, ticks, boxes, rulings."""
    off = random.uniform(-0.12, 0.12, (6, 2))
    a, b, c, d = _SQUARE + off[:4]  # corners, clockwise from the top left
    top, right, bottom, left = (a + b) / 2, (b + c) / 2, (c + d) / 2, (d + a) / 2
    flat = np.array([1, random.uniform(0.1, 0.6)])
    rulings = np.linspace(0, 1, random.randint(2, 6))
    dots = random.uniform(0, 1, (random.randint(2, 5), 2))
    shapes: list[list[Stroke]] = [
        [np.stack([left, left + off[4] / 4])],  # a dot
        [np.stack([left, right])],
        [np.stack([a, c]), np.stack([b, d])],
        [np.stack([top, bottom]), np.stack([left, right])],
        [np.stack([a, b, c, d, a])],
        [np.stack([a, b, c, d, a]) * flat],
        [np.stack([top, c, d, top])],
        [np.stack([a, b]) * flat, np.stack([d, c]) * flat],
        [np.stack([dot, dot + off[4] / 4]) for dot in dots],
        [np.array([[0, y], [1, y + off[4, 0]]]) for y in rulings],
        [np.array([[x, 0], [x + off[4, 0], 1]]) for x in rulings],
        [np.stack([left, bottom, b])],
    ]
    return draw(shapes[random.randint(len(shapes))], random.randint(3, 18))


def _in_unit_square(stroke: Stroke) -> Stroke:
    """Move and scale a stroke so that its longer side is 1."""
    low = stroke.min(axis=0)
    return (stroke - low) / (stroke.max(axis=0) - low).max()
