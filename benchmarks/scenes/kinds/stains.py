"""One digit on a sheet with folds, stains and things in the way."""

import cv2
import numpy as np
from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import BLACK, BLUE, Colour, Pen, any_pen, felt_pen, mask
from benchmarks.scenes.kinds.registry import kind
from benchmarks.scenes.kinds.sheets import sheet
from benchmarks.scenes.photo import develop, light, shade

GREY_BLUE: Colour = (0.3, 0.35, 0.5)


@kind("digit")
def crumpled(draws: Draws) -> Image.Image:
    """A sheet that was a ball: facets of different brightness, with sharp folds."""
    page = sheet(draws)
    height, width = page.shape[:2]
    folds = np.zeros((height, width), np.float32)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    for _ in range(draws.integer(8, 16)):
        angle = draws.uniform(0, 2 * np.pi)
        side = np.cos(angle) * (x - draws.uniform(0, width)) + np.sin(angle) * (y - draws.uniform(0, height))
        folds += draws.uniform(-1, 1) * np.tanh(side / 4) * np.exp(-abs(side) / (0.2 * width))
    page = page * (1 + draws.uniform(0.05, 0.12) * folds[..., np.newaxis])
    return develop(draws, light(draws, page))


@kind("digit")
def folded(draws: Draws) -> Image.Image:
    """One or two folds, each a fine shadow between halves in different light."""
    page = sheet(draws)
    height, width = page.shape[:2]
    for axis in draws.choice((0,), (1,), (0, 1)):
        length = (height, width)[axis]
        place = np.arange(length, dtype=np.float32) - length * draws.uniform(0.35, 0.65)
        step = (
            1 + draws.uniform(0.02, 0.08) * np.tanh(place / 3) - draws.uniform(0.1, 0.3) * np.exp(-((place / 2) ** 2))
        )
        page = page * (step[:, np.newaxis, np.newaxis] if axis == 0 else step[np.newaxis, :, np.newaxis])
    return develop(draws, light(draws, page))


@kind("digit")
def ink_from_the_back(draws: Draws) -> Image.Image:
    """A digit on the other side shines through, mirrored and pale."""
    page = paper.blank(draws)
    back = draws.sample().pixels
    draws.written.clear()
    soft = cv2.GaussianBlur(mask(back, draws.uniform(0.3, 0.6) * min(page.shape[:2]))[:, ::-1], (0, 0), 2.5)
    free = page.shape[1] - soft.shape[1], page.shape[0] - soft.shape[0]
    pale = Pen(GREY_BLUE, None, draws.uniform(0.08, 0.16))
    paper.write(page, soft, free[0] * draws.uniform(0, 1), free[1] * draws.uniform(0, 1), pale, draws)
    paper.digit(draws, page, draws.uniform(0.3, 0.6), felt_pen(draws, draws.choice(BLACK, BLUE)))
    return develop(draws, light(draws, page))


@kind("digit")
def coffee_ring(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    height, width = page.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    radius = draws.uniform(0.2, 0.4) * min(height, width)
    away = np.hypot(x - width * draws.uniform(0.1, 0.9), y - height * draws.uniform(0.1, 0.9)) - radius
    stain = np.exp(-((away / (0.03 * radius + 2)) ** 2)) + 0.25 * (away < 0)
    stain = stain * (0.7 + 0.3 * paper.noise(draws, page.shape, radius / 3)).clip(0, 1.3)
    page *= 1 - draws.uniform(0.15, 0.4) * stain[..., np.newaxis] * np.array((0.4, 0.7, 1.0), np.float32)
    paper.digit(draws, page, draws.uniform(0.3, 0.6), any_pen(draws))
    return develop(draws, light(draws, page))


@kind("digit")
def paper_clip(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    height, width = page.shape[:2]
    size = min(height, width) * draws.uniform(0.08, 0.12)
    x, metal = width * draws.uniform(0.1, 0.9), draws.choice((0.55, 0.56, 0.6), (0.2, 0.3, 0.7), (0.75, 0.2, 0.2))
    for inset, bottom in ((0.0, 2.4), (0.22, 1.9)):
        left, right = x + inset * size, x + (0.9 - inset) * size
        paper.stroke(page, [(left, 0), (left, bottom * size), (right, bottom * size), (right, 0)], size / 10, metal)
    paper.digit(draws, page, draws.uniform(0.3, 0.5), area=(0, height * 0.3, width, height * 0.7))
    return develop(draws, light(draws, page))


@kind("digit")
def blinds(draws: Draws) -> Image.Image:
    """Sun through blinds: stripes of shadow."""
    page = sheet(draws)
    y, x = np.mgrid[: page.shape[0], : page.shape[1]].astype(np.float32)
    angle, period = draws.uniform(0.2, 1.2), draws.uniform(0.1, 0.3) * page.shape[1]
    wave = np.sin(2 * np.pi * (x * np.sin(angle) + y * np.cos(angle)) / period)
    stripes = (wave * draws.uniform(2, 8) + 0.5).clip(0, 1)
    return develop(draws, shade(light(draws, page), stripes, draws.uniform(0.2, 0.5)))
