"""Pictures without a number: blank paper, letters, scribbles, pieces of digits, faces, things, signs."""

import numpy as np
from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import BLACK, BLUE, any_pen, ballpoint, felt_pen, mask, trim
from benchmarks.scenes.kinds.numbers import strip, wide
from benchmarks.scenes.kinds.registry import kind
from benchmarks.scenes.kinds.sheets import desk
from benchmarks.scenes.photo import develop, lay, light
from benchmarks.scenes.strokes import LETTERS, LOOKALIKES, Stroke, letter, smooth

WORDS = ("hello", "Milk", "yes", "Peter", "lunch", "north", "Tea", "and", "home", "Klara", "wind", "paper")


@kind("nothing")
def blank_paper(draws: Draws) -> Image.Image:
    return develop(draws, light(draws, paper.blank(draws)))


@kind("nothing")
def blank_lined_paper(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    paper.lines(draws, page, draws.uniform(0.05, 0.2) * min(page.shape[:2]), draws.uniform(0.2, 1))
    return develop(draws, light(draws, page))


@kind("nothing")
def blank_squared_paper(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    paper.lines(draws, page, draws.uniform(0.05, 0.15) * min(page.shape[:2]), draws.uniform(0.2, 1), squared=True)
    return develop(draws, light(draws, page))


@kind("nothing")
def blank_sheet_on_desk(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    return develop(draws, light(draws, lay(draws, page, desk(draws), 0.75, draws.uniform(-30, 30), 0.03)))


@kind("nothing")
def blank_form(draws: Draws) -> Image.Image:
    """An empty row of fields."""
    fields, side = draws.integer(2, 8), draws.uniform(60, 160)
    page = paper.blank(draws, int(side * (fields + 1)), int(side * draws.uniform(1.6, 3)))
    left, top = (page.shape[1] - fields * side) / 2, (page.shape[0] - side) / 2
    paper.comb(draws, page, (left, top, side, side), fields, BLACK)
    return develop(draws, light(draws, page))


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
def printed_letters(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    name = draws.choice(*sorted(set(LETTERS) - set(LOOKALIKES)))
    size = draws.uniform(0.3, 0.8) * min(page.shape[:2])
    paper.text(page, name, page.shape[1] / 2, page.shape[0] / 2, size, draws.choice(BLACK, BLUE), "mm")
    return develop(draws, light(draws, page))


@kind("nothing")
def printed_text(draws: Draws) -> Image.Image:
    """A page of a book."""
    page = paper.blank(draws, int(draws.uniform(600, 1400)))
    size = draws.uniform(0.02, 0.04) * page.shape[1]
    for y in np.arange(2 * size, page.shape[0] - 2 * size, 1.5 * size):
        line = " ".join(draws.choice(*WORDS) for _ in range(30))[: int(1.6 * page.shape[1] / size)]
        paper.text(page, line, 2 * size, float(y), size, BLACK)
    return develop(draws, light(draws, page))


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


@kind("nothing")
def pieces_of_digits(draws: Draws) -> Image.Image:
    """Half or a quarter of a digit."""
    pixels = draws.sample().pixels
    soft = mask(pixels, draws.uniform(200, 400), draws.choice(None, 0.08))
    height, width = soft.shape
    half_y, half_x = (
        draws.choice(np.s_[: height // 2], np.s_[height // 2 :]),
        draws.choice(np.s_[: width // 2], np.s_[width // 2 :]),
    )
    soft = trim(soft[draws.choice((half_y, np.s_[:]), (np.s_[:], half_x), (half_y, half_x))])
    page = paper.blank(draws, draws.integer(600, 1000), draws.integer(600, 1000))
    paper.write(page, soft, draws.uniform(100, 200), draws.uniform(100, 200), felt_pen(draws), draws)
    return develop(draws, light(draws, page))


@kind("nothing")
def clutter(draws: Draws) -> Image.Image:
    """Out of focus, of many colours: a photo taken by mistake."""
    height, width = draws.integer(300, 900), draws.integer(300, 1200)
    layers = [
        sum(0.3 * paper.noise(draws, (height, width), width / scale) / np.sqrt(scale / 2) for scale in (2, 5, 12, 40))
        for _ in range(3)
    ]
    picture = np.stack(layers, axis=-1) * 0.5 + draws.uniform(0.3, 0.6)
    return develop(draws, picture.clip(0, 1).astype(np.float32), blur=draws.uniform(0.5, 3))


@kind("nothing")
def wooden_desk_only(draws: Draws) -> Image.Image:
    return develop(draws, light(draws, desk(draws)))


def with_sign(draws: Draws, sign: str) -> Image.Image:
    """Write a minus in front of a number, or a point or comma in it."""
    page = wide(draws)
    pen = any_pen(draws)
    thick = pen.width or 0.1
    size = min(0.4 * page.shape[0], 0.7 * page.shape[1] / 5)
    parts = [strip(draws, draws.integer(1, 2), size, pen), strip(draws, draws.integer(1, 2), size, pen)]
    x, base = 0.08 * page.shape[1], page.shape[0] * draws.uniform(0.6, 0.8)
    if sign == "-":
        length = size * draws.uniform(0.35, 0.6)
        y = base - size * draws.uniform(0.4, 0.55)
        paper.pen_line(draws, page, [(x, y), (x + length, y)], size * thick, pen)
        x, parts = x + length + size * draws.uniform(0.2, 0.4), parts[:1]
    for i, soft in enumerate(parts):
        if i == 1:
            end = (x, base) if sign == "." else (x - 0.08 * size, base + 0.18 * size)
            paper.stroke(page, [(x, base), (end[0] + 1, end[1])], size * thick * 1.3, pen.colour, pen.density)
            x += size * draws.uniform(0.2, 0.35)
        paper.write(page, soft, x, base - soft.shape[0], pen, draws)
        x += soft.shape[1] + size * draws.uniform(0.2, 0.3)
    return develop(draws, light(draws, page))


@kind("nothing")
def number_with_decimal_point(draws: Draws) -> Image.Image:
    return with_sign(draws, ".")


@kind("nothing")
def number_with_decimal_comma(draws: Draws) -> Image.Image:
    return with_sign(draws, ",")


@kind("nothing")
def number_with_minus(draws: Draws) -> Image.Image:
    return with_sign(draws, "-")
