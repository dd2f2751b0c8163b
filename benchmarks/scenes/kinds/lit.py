"""One digit on a sheet in difficult light, or in a scan with black edges."""

import cv2
import numpy as np
from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws
from benchmarks.scenes.kinds.registry import kind
from benchmarks.scenes.photo import develop, light, polygon, shade


def written(draws: Draws) -> np.ndarray:
    """Return a sheet with a digit."""
    page = paper.blank(draws)
    paper.digit(draws, page, draws.uniform(0.3, 0.65))
    return page


def corner(draws: Draws, page: np.ndarray, softness: float) -> np.ndarray:
    """Return the cover of a triangle over one corner, its edges `softness` of the page's width."""
    height, width = page.shape[:2]
    x, y = draws.choice(0, width), draws.choice(0, height)
    along = x + (1 if x == 0 else -1) * width * draws.uniform(0.3, 0.8)
    down = y + (1 if y == 0 else -1) * height * draws.uniform(0.3, 0.8)
    return polygon(page.shape, [(x, y), (along, y), (x, down)], softness * width)


@kind("digit")
def dark_table_in_corner(draws: Draws) -> Image.Image:
    """The sheet does not reach one corner of the picture."""
    page = written(draws)
    height, width = page.shape[:2]
    x, y = draws.choice(0, width), draws.choice(0, height)
    along, down = width * draws.uniform(0.08, 0.25), height * draws.uniform(0.08, 0.25)
    points = [(x, y), (abs(x - along), y), (x, abs(y - down))]
    cover = polygon(page.shape, [(float(a), float(b)) for a, b in points], 1.0)[..., np.newaxis]
    tone = np.array(draws.choice((0.2, 0.13, 0.08), (0.1, 0.1, 0.12), (0.3, 0.22, 0.15)), np.float32)
    return develop(draws, light(draws, page * (1 - cover) + cover * tone))


@kind("digit")
def hard_shadow(draws: Draws) -> Image.Image:
    page = written(draws)
    return develop(draws, shade(light(draws, page), corner(draws, page, 0.003), draws.uniform(0.3, 0.65)))


@kind("digit")
def soft_shadow(draws: Draws) -> Image.Image:
    page = written(draws)
    return develop(
        draws, shade(light(draws, page), corner(draws, page, draws.uniform(0.03, 0.12)), draws.uniform(0.3, 0.7))
    )


@kind("digit")
def hand_shadow(draws: Draws) -> Image.Image:
    """The writer's hand shades about half of the sheet, with the digit or not."""
    page = written(draws)
    height, width = page.shape[:2]
    side = draws.choice(-1, 1)
    points, phase = [], draws.uniform(0, 6)
    for angle in np.linspace(0, 2 * np.pi, 60):
        radius = 0.52 + 0.08 * np.sin(3 * angle + phase) + 0.05 * np.sin(7 * angle)
        centre = 0.5 + 0.45 * side
        points.append((width * (centre + radius * np.cos(angle)), height * (0.65 + radius * np.sin(angle))))
    cover = polygon(page.shape, points, width * draws.uniform(0.008, 0.04))
    return develop(draws, shade(light(draws, page), cover, draws.uniform(0.25, 0.6)))


@kind("digit")
def scanner_strip(draws: Draws) -> Image.Image:
    """A scan with a black strip at one side."""
    page = written(draws)
    strip = max(4, int(page.shape[1] * draws.uniform(0.015, 0.1)))
    turned = np.rot90(page, draws.integer(0, 3))  # a view: the strip is at any side of the page
    turned[:, :strip] = draws.uniform(0, 0.08)
    return develop(draws, page, noisy=0.006)


@kind("digit")
def black_corners(draws: Draws) -> Image.Image:
    """A scan that software has turned: the corners are black."""
    page = written(draws)
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), draws.sign() * draws.uniform(2, 12), 1.0)
    turned = cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(0, 0, 0))
    return develop(draws, turned, noisy=0.006)
