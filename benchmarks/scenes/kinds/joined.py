"""Numbers whose digits touch, and numbers with a sign that is no digit: to be refused."""

from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import BLACK, BLUE, any_pen, felt_pen
from benchmarks.scenes.kinds.numbers import strip, wide
from benchmarks.scenes.kinds.registry import kind
from benchmarks.scenes.photo import develop, light


@kind("touching")
def touching_pair(draws: Draws) -> Image.Image:
    return touching(draws, 2)


@kind("touching")
def touching_row(draws: Draws) -> Image.Image:
    return touching(draws, draws.integer(3, 6))


def touching(draws: Draws, digits: int) -> Image.Image:
    page = wide(draws)
    pen = felt_pen(draws, draws.choice(BLACK, BLUE))
    size = min(0.5 * page.shape[0], 0.8 * page.shape[1] / digits)
    soft = strip(draws, digits, size, pen, (-0.1, -0.02))
    free = page.shape[1] - soft.shape[1], page.shape[0] - soft.shape[0]
    paper.write(page, soft, free[0] * draws.uniform(0.2, 0.8), free[1] * draws.uniform(0.2, 0.8), pen, draws)
    return develop(draws, light(draws, page))


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
