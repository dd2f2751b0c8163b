"""Numbers of two to eight digits, separate or touching."""

import cv2
import numpy as np
from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import BLACK, BLUE, WHITE, Pen, any_pen, ballpoint, felt_pen, mask, slanted
from benchmarks.scenes.kinds.registry import kind
from benchmarks.scenes.kinds.sheets import desk
from benchmarks.scenes.paper import Box
from benchmarks.scenes.photo import develop, lay, light

APART = (0.12, 0.45)  # between two digits, of their height


def strip(draws: Draws, digits: int, height: float, pen: Pen, gap: tuple[float, float] = APART) -> np.ndarray:
    """Return the mask of a row of digits as somebody writes them: of uneven height, gap and baseline, and one slant."""
    shear, climb, x = draws.uniform(-0.1, 0.2), draws.uniform(-0.04, 0.04), 0.0
    row = np.zeros((int(2 * height), int(2.2 * digits * height) + 10), np.float32)
    for _ in range(digits):
        own = height * draws.uniform(0.85, 1.1)
        soft = slanted(mask(draws.sample().pixels, own, pen.width), shear, draws.uniform(-4, 4))
        top = int(1.5 * height - soft.shape[0] + height * draws.uniform(-0.06, 0.06) - climb * x)
        top = min(max(top, 0), row.shape[0] - soft.shape[0])
        left = max(0, round(x))
        area = row[top : top + soft.shape[0], left : left + soft.shape[1]]
        np.maximum(area, soft[:, : area.shape[1]], out=area)
        x += soft.shape[1] + height * draws.uniform(*gap)
    used = np.flatnonzero(row.max(axis=0) > 0.1)
    rows = np.flatnonzero(row.max(axis=1) > 0.1)
    return row[rows[0] : rows[-1] + 1, used[0] : used[-1] + 1]


def number(draws: Draws, page: np.ndarray, pen: Pen | None = None, digits: int = 0, area: Box | None = None) -> None:
    """Write a number of two to eight digits, as high as fits."""
    digits = digits or draws.integer(2, 8)
    pen = pen or any_pen(draws)
    left, top, width, height = area or (0, 0, page.shape[1], page.shape[0])
    size = min(height * draws.uniform(0.2, 0.5), width * draws.uniform(0.6, 0.8) / (digits * 0.95))
    soft = strip(draws, digits, size, pen)
    excess = max(soft.shape[1] / (0.9 * width), soft.shape[0] / (0.9 * height))
    if excess > 1:
        soft = cv2.resize(soft, None, fx=1 / excess, fy=1 / excess, interpolation=cv2.INTER_AREA)
    x = left + (width - soft.shape[1]) * draws.uniform(0.2, 0.8)
    y = top + (height - soft.shape[0]) * draws.uniform(0.2, 0.8)
    paper.write(page, soft, x, y, pen, draws)


def wide(draws: Draws) -> np.ndarray:
    width = int(draws.uniform(600, 1500))
    return paper.blank(draws, width, int(width * draws.uniform(0.35, 0.8)))


@kind("number")
def number_on_plain_paper(draws: Draws) -> Image.Image:
    page = wide(draws)
    number(draws, page)
    return develop(draws, light(draws, page))


@kind("number")
def number_on_lined_paper(draws: Draws) -> Image.Image:
    page = wide(draws)
    paper.lines(draws, page, draws.uniform(0.1, 0.25) * page.shape[0], draws.uniform(0.25, 1))
    number(draws, page)
    return develop(draws, light(draws, page))


@kind("number")
def number_on_squared_paper(draws: Draws) -> Image.Image:
    page = wide(draws)
    paper.lines(draws, page, draws.uniform(0.07, 0.15) * page.shape[0], draws.uniform(0.25, 0.9), squared=True)
    number(draws, page)
    return develop(draws, light(draws, page))


@kind("number")
def number_in_comb_field(draws: Draws) -> Image.Image:
    digits = draws.integer(2, 8)
    side = draws.uniform(60, 160)
    page = paper.blank(draws, int(side * (digits + draws.uniform(0.5, 2))), int(side * draws.uniform(1.6, 3)))
    left, top = (page.shape[1] - digits * side) / 2, (page.shape[0] - side) / 2
    paper.comb(draws, page, (left, top, side, side), digits, draws.choice(BLACK, (0.4, 0.4, 0.4), (0.85, 0.45, 0.4)))
    pen = ballpoint(draws)._replace(width=draws.uniform(0.05, 0.1))
    for i in range(digits):
        paper.digit(draws, page, draws.uniform(0.5, 0.75), pen, (left + i * side, top, side, side))
    return develop(draws, light(draws, page))


@kind("number")
def number_on_desk(draws: Draws) -> Image.Image:
    page = wide(draws)
    number(draws, page, felt_pen(draws))
    offset = draws.uniform(-0.05, 0.05), draws.uniform(-0.05, 0.05)
    picture = lay(draws, page, desk(draws), draws.uniform(0.7, 0.95), draws.uniform(-10, 10), 0.03, offset)
    return develop(draws, light(draws, picture))


@kind("number")
def number_in_two_lines(draws: Draws) -> Image.Image:
    page = wide(draws)
    height, width = page.shape[:2]
    pen = any_pen(draws)
    number(draws, page, pen, draws.integer(2, 5), (0, 0, width, height / 2))
    draws.written.append(" ")
    number(draws, page, pen, draws.integer(2, 5), (0, height / 2, width, height / 2))
    return develop(draws, light(draws, page))


@kind("number")
def number_inverted(draws: Draws) -> Image.Image:
    """Chalk on a board."""
    page = wide(draws)
    page *= draws.uniform(0.1, 0.3)
    number(draws, page, Pen(WHITE, draws.choice(None, 0.08), 0.9, 0.3))
    return develop(draws, light(draws, page))


@kind("number")
def number_in_shadow(draws: Draws) -> Image.Image:
    page = wide(draws)
    number(draws, page, felt_pen(draws))
    edge = page.shape[1] * draws.uniform(0.3, 0.7)
    fall = 0.5 + 0.5 * np.tanh((np.arange(page.shape[1], dtype=np.float32) - edge) / draws.uniform(4, 60))
    return develop(draws, light(draws, page) * (1 - draws.uniform(0.3, 0.6) * fall[np.newaxis, :, np.newaxis]))


@kind("number")
def number_drawn_on_canvas(draws: Draws) -> Image.Image:
    page = np.ones((draws.integer(200, 500), draws.integer(500, 1000), 3), np.float32)
    number(draws, page, Pen(draws.choice((0.0, 0.0, 0.0), BLUE), draws.uniform(0.05, 0.12), 1.0))
    return develop(draws, page, 0, 0)


@kind("number")
def number_of_mnist_images(draws: Draws) -> Image.Image:
    """Images of MNIST side by side."""
    row = np.concatenate([draws.sample().pixels for _ in range(draws.integer(2, 8))], axis=1)
    page = np.repeat(row[..., np.newaxis], 3, axis=2)
    large = cv2.resize(page, None, fx=(scale := draws.integer(1, 6)), fy=scale, interpolation=cv2.INTER_CUBIC)
    return develop(draws, large if draws.chance(0.5) else 1 - large, 0, 0)
