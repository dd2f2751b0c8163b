"""One digit on ruled paper, in a form or marked by hand."""

import numpy as np
from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import BLACK, RED, Pen, any_pen, ballpoint
from benchmarks.scenes.kinds.registry import kind
from benchmarks.scenes.paper import Box
from benchmarks.scenes.photo import develop, light


def ruled(draws: Draws, share: float, pitch: float, strength: float, squared: bool = False) -> Image.Image:
    """Draw a digit, `share` of the sheet high, on lines `pitch` of the digit's height apart."""
    page = paper.blank(draws)
    side = min(page.shape[:2])
    paper.lines(draws, page, pitch * share * side, strength, squared)
    paper.digit(draws, page, share)
    return develop(draws, light(draws, page))


@kind("digit")
def lined_large_strong(draws: Draws) -> Image.Image:
    return ruled(draws, draws.uniform(0.45, 0.55), draws.uniform(0.25, 0.8), draws.uniform(0.6, 1))


@kind("digit")
def lined_large_faint(draws: Draws) -> Image.Image:
    return ruled(draws, draws.uniform(0.45, 0.55), draws.uniform(0.25, 0.8), draws.uniform(0.2, 0.5))


@kind("digit")
def lined_small_strong(draws: Draws) -> Image.Image:
    return ruled(draws, draws.uniform(0.2, 0.28), draws.uniform(0.5, 1.2), draws.uniform(0.6, 1))


@kind("digit")
def lined_small_faint(draws: Draws) -> Image.Image:
    return ruled(draws, draws.uniform(0.2, 0.28), draws.uniform(0.5, 1.2), draws.uniform(0.2, 0.5))


@kind("digit")
def squared_large(draws: Draws) -> Image.Image:
    return ruled(draws, draws.uniform(0.45, 0.55), draws.uniform(0.25, 0.6), draws.uniform(0.3, 1), squared=True)


@kind("digit")
def squared_small(draws: Draws) -> Image.Image:
    return ruled(draws, draws.uniform(0.2, 0.28), draws.uniform(0.45, 1.1), draws.uniform(0.3, 1), squared=True)


@kind("digit")
def margin_line(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    height, width = page.shape[:2]
    x = width * draws.uniform(0.1, 0.2)
    paper.stroke(page, [(x, 0), (x + draws.uniform(-5, 5), height)], width / 250, (0.85, 0.35, 0.35))
    paper.digit(draws, page, draws.uniform(0.3, 0.6), area=(x + 8, 0, width - x - 8, height))
    return develop(draws, light(draws, page))


@kind("digit")
def underlined(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    pen = any_pen(draws)
    x, y, width, height = paper.digit(draws, page, draws.uniform(0.3, 0.6), pen)
    below = y + height * draws.uniform(1.1, 1.3)
    reach = height * draws.uniform(0.1, 0.4)
    paper.pen_line(draws, page, [(x - reach, below), (x + width + reach, below)], height * (pen.width or 0.08), pen)
    return develop(draws, light(draws, page))


@kind("digit")
def circled(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    pen = any_pen(draws)
    box = paper.digit(draws, page, draws.uniform(0.25, 0.45), pen)
    circle = pen if draws.chance(0.6) else Pen(RED, 0.05)
    paper.ring(draws, page, box, draws.uniform(0.75, 0.95), box[3] * (circle.width or 0.08), circle)
    return develop(draws, light(draws, page))


def boxed(draws: Draws, share: float, filled: float) -> tuple[Image.Image, Box]:
    """Draw a printed box, `share` of the page's shorter side, with a digit `filled` of the box high."""
    page = paper.blank(draws)
    height, width = page.shape[:2]
    side = share * min(height, width)
    box = ((width - side) * draws.uniform(0.3, 0.7), (height - side) * draws.uniform(0.3, 0.7), side, side)
    colour = draws.choice(BLACK, (0.3, 0.3, 0.3), (0.85, 0.4, 0.35), (0.3, 0.5, 0.8))
    paper.frame(draws, page, box, max(1.5, side * draws.uniform(0.008, 0.025)), colour)
    paper.digit(draws, page, filled, area=box)
    return develop(draws, light(draws, page)), box


@kind("digit")
def box_large(draws: Draws) -> Image.Image:
    return boxed(draws, draws.uniform(0.6, 0.9), draws.uniform(0.5, 0.8))[0]


@kind("digit")
def box_small(draws: Draws) -> Image.Image:
    return boxed(draws, draws.uniform(0.15, 0.35), draws.uniform(0.5, 0.8))[0]


@kind("digit")
def box_cropped(draws: Draws) -> Image.Image:
    """Cut out along the printed box, whose lines are at some edges."""
    image, (x, y, width, height) = boxed(draws, draws.uniform(0.5, 0.8), draws.uniform(0.5, 0.8))
    left, top, right, bottom = (draws.uniform(-0.04, 0.04) * width for _ in range(4))
    return image.crop((round(x + left), round(y + top), round(x + width + right), round(y + height + bottom)))


@kind("digit")
def comb_field(draws: Draws) -> Image.Image:
    """One digit in a form's row of fields; the others are empty."""
    page = paper.blank(draws, int(draws.uniform(600, 1400)), int(draws.uniform(200, 500)))
    fields = draws.integer(3, 7)
    side = min(page.shape[0] * draws.uniform(0.4, 0.7), page.shape[1] * 0.9 / fields)
    left, top = (page.shape[1] - fields * side) / 2, (page.shape[0] - side) / 2
    colour = draws.choice(BLACK, (0.4, 0.4, 0.4), (0.85, 0.45, 0.4))
    paper.comb(draws, page, (left, top, side, side), fields, colour)
    box = (left + side * draws.integer(0, fields - 1), top, side, side)
    paper.digit(draws, page, draws.uniform(0.5, 0.75), ballpoint(draws)._replace(width=0.09), box)
    return develop(draws, light(draws, page))


@kind("digit")
def table_cell(draws: Draws) -> Image.Image:
    """One cell of a table is filled in."""
    page = paper.blank(draws)
    height, width = page.shape[:2]
    rows, columns = draws.integer(3, 5), draws.integer(3, 5)
    cell_width, cell_height = width * 0.88 / columns, height * 0.88 / rows
    line = max(1.0, width / draws.uniform(250, 500))
    for i in range(rows + 1):
        y = height * 0.06 + i * cell_height
        paper.stroke(page, [(width * 0.06, y), (width * 0.94, y)], line, BLACK, 0.8)
    for i in range(columns + 1):
        x = width * 0.06 + i * cell_width
        paper.stroke(page, [(x, height * 0.06), (x, height * 0.94)], line, BLACK, 0.8)
    left = width * 0.06 + cell_width * draws.integer(0, columns - 1)
    top = height * 0.06 + cell_height * draws.integer(0, rows - 1)
    paper.digit(draws, page, draws.uniform(0.5, 0.75), area=(left, top, cell_width, cell_height))
    return develop(draws, light(draws, page))


@kind("digit")
def dotted_paper(draws: Draws) -> Image.Image:
    """Dots in place of lines."""
    page = paper.blank(draws)
    height, width = page.shape[:2]
    share = draws.uniform(0.25, 0.5)
    pitch = draws.uniform(0.25, 0.6) * share * min(height, width)
    for y in np.arange(pitch / 2, height, pitch):
        for x in np.arange(pitch / 2, width, pitch):
            paper.stroke(page[:, int(x) - 4 : int(x) + 6], [(4, y), (5, y)], max(2.0, pitch * 0.06), (0.5, 0.5, 0.6))
    paper.digit(draws, page, share)
    return develop(draws, light(draws, page))


@kind("digit")
def printed_header(draws: Draws) -> Image.Image:
    """A worksheet: a few printed words at the top, the digit below."""
    page = paper.blank(draws)
    height, width = page.shape[:2]
    words = draws.choice("Name:", "Answer", "Room", "Worksheet", "Please write here", "Signature")
    paper.text(page, words, width * draws.uniform(0.03, 0.3), height * 0.04, height * draws.uniform(0.03, 0.05), BLACK)
    paper.digit(draws, page, draws.uniform(0.35, 0.6), area=(0, height * 0.15, width, height * 0.85))
    return develop(draws, light(draws, page))
