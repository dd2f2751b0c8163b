"""Letters, signs, scribbles and faces, drawn by hand."""

import numpy as np
from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import ballpoint, felt_pen
from benchmarks.scenes.kinds.registry import kind
from benchmarks.scenes.photo import develop, light
from benchmarks.scenes.strokes import LETTERS, LOOKALIKES, Stroke, letter, smooth

WORDS = ("hello", "Milk", "yes", "Peter", "lunch", "north", "Tea", "and", "home", "Klara", "wind", "paper")


def drawn(draws: Draws, strokes: list[Stroke], share: float = 0.0) -> Image.Image:
    """Draw strokes of about unit size on a sheet."""
    page = paper.blank(draws)
    pen = draws.choice(ballpoint, felt_pen)(draws)
    size = (share or draws.uniform(0.25, 0.55)) * min(page.shape[:2])
    points = np.concatenate([np.array(stroke) for stroke in strokes])
    low, high = points.min(axis=0) * size, points.max(axis=0) * size
    free = np.array([page.shape[1], page.shape[0]]) - (high - low)
    shift = free * (draws.uniform(0.3, 0.7), draws.uniform(0.3, 0.7)) - low
    for stroke in strokes:
        path = [(float(x), float(y)) for x, y in np.array(stroke) * size + shift]
        paper.stroke(page, path, size * (pen.width or 0.1), pen.colour, pen.density)
    return develop(draws, light(draws, page))


@kind("nothing")
def letters(draws: Draws) -> Image.Image:
    """One letter that looks like no digit."""
    return drawn(draws, letter(draws, draws.choice(*sorted(set(LETTERS) - set(LOOKALIKES)))))


@kind("lookalike")
def letters_like_digits(draws: Draws) -> Image.Image:
    return drawn(draws, letter(draws, draws.choice(*LOOKALIKES)))


@kind("nothing")
def words(draws: Draws) -> Image.Image:
    strokes = []
    for i, name in enumerate(draws.choice(*WORDS)):
        strokes += [[(x + 0.95 * i, y) for x, y in stroke] for stroke in letter(draws, name)]
    return drawn(draws, strokes, draws.uniform(0.1, 0.17))


@kind("nothing")
def scribbles(draws: Draws) -> Image.Image:
    """One long random curve."""
    walk = np.cumsum(draws.random.standard_normal((draws.integer(8, 25), 2)), axis=0)
    walk = (walk - walk.min(axis=0)) / np.ptp(walk, axis=0).max()
    return drawn(draws, [smooth([(float(x), float(y)) for x, y in walk])])


@kind("nothing")
def hatching(draws: Draws) -> Image.Image:
    """A pen tried out to and fro."""
    turns = draws.integer(8, 20)
    slope, noise = draws.uniform(-0.3, 0.3), 0.06
    points = [
        (i / turns + slope * (i % 2) + noise * draws.uniform(-1, 1), i % 2 * 0.8 + noise * draws.uniform(-1, 1))
        for i in range(turns + 1)
    ]
    return drawn(draws, [smooth(points)])


@kind("nothing")
def ticks_crosses_arrows(draws: Draws) -> Image.Image:
    signs: tuple[list[Stroke], ...] = (
        [[(0, 0.6), (0.3, 1), (1, 0)]],
        [[(0, 0), (1, 1)], [(1, 0), (0, 1)]],
        [[(0, 0.5), (1.2, 0.5)], [(0.9, 0.25), (1.2, 0.5), (0.9, 0.75)]],
        [[(0.5, 0), (0.5, 1)], [(0, 0.5), (1, 0.5)]],
        [[(0, 0.3), (1, 0.3)], [(0, 0.7), (1, 0.7)]],
        [[(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]],
        [[(0.5, 0), (0.8, 1), (0, 0.35), (1, 0.35), (0.2, 1), (0.5, 0)]],
        [smooth([(0.5, 1), (0, 0.4), (0.2, 0), (0.5, 0.3), (0.8, 0), (1, 0.4), (0.5, 1)])],
    )
    turned = [
        [(x + 0.04 * draws.uniform(-1, 1), y + 0.04 * draws.uniform(-1, 1)) for x, y in s] for s in draws.choice(*signs)
    ]
    return drawn(draws, turned)


@kind("nothing")
def faces(draws: Draws) -> Image.Image:
    """A drawn face: a circle, eyes, a mouth, perhaps hair."""
    angles = np.linspace(0, 2 * np.pi, 40)

    def oval(x: float, y: float, width: float, height: float, end: int = 40, turn: float = 0.0) -> Stroke:
        return [(x + width * float(np.cos(a + turn)), y + height * float(np.sin(a + turn))) for a in angles[:end]]

    wide_ = draws.uniform(0.4, 0.55)
    strokes = [oval(0.5, 0.5, wide_, 0.5), oval(0.5, 0.6, 0.25, draws.uniform(-0.2, 0.2), 20)]
    strokes += [oval(0.5 + side * draws.uniform(0.15, 0.2), 0.38, 0.05, 0.05) for side in (-1, 1)]
    if draws.chance(0.5):
        strokes.append([(0.5, 0.42), (0.45, 0.55), (0.52, 0.56)])
    if draws.chance(0.5):
        strokes += [[(0.2 + 0.1 * i, 0.1), (0.15 + 0.12 * i, -0.15)] for i in range(7)]
    return drawn(draws, strokes)
