"""One digit on a sheet that lies on something."""

import numpy as np
from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import Colour
from benchmarks.scenes.kinds.registry import kind
from benchmarks.scenes.photo import develop, jpeg, lay, light, wood

DARK: tuple[Colour, ...] = ((0.24, 0.15, 0.09), (0.14, 0.1, 0.08), (0.12, 0.12, 0.13), (0.3, 0.2, 0.12))
MEDIUM: tuple[Colour, ...] = ((0.5, 0.36, 0.22), (0.55, 0.45, 0.35), (0.4, 0.4, 0.42))


def desk(draws: Draws, tones: tuple[Colour, ...] = DARK, width: int = 0) -> np.ndarray:
    width = width or int(draws.uniform(600, 1500))
    height = int(width * draws.choice(0.75, 4 / 3))
    if draws.chance(0.3):  # plain, such as a lacquered or a plastic top
        return paper.blank(draws, width, height, draws.choice(*tones))
    return wood(draws, height, width, draws.choice(*tones))


def sheet(draws: Draws) -> np.ndarray:
    page = paper.blank(draws, int(draws.uniform(500, 1000)))
    paper.digit(draws, page, draws.uniform(0.3, 0.65))
    return page


def on_desk(draws: Draws, degrees: float, tilt: float, tones: tuple[Colour, ...] = DARK) -> Image.Image:
    offset = draws.uniform(-0.05, 0.05), draws.uniform(-0.05, 0.05)
    picture = lay(draws, sheet(draws), desk(draws, tones), draws.uniform(0.6, 0.85), degrees, tilt, offset)
    return develop(draws, light(draws, picture))


@kind("digit")
def dark_desk_straight(draws: Draws) -> Image.Image:
    return on_desk(draws, draws.uniform(-1, 1), 0.005)


@kind("digit")
def dark_desk_turned_6(draws: Draws) -> Image.Image:
    return on_desk(draws, draws.sign() * draws.uniform(4, 8), 0.01)


@kind("digit")
def dark_desk_turned_15(draws: Draws) -> Image.Image:
    return on_desk(draws, draws.sign() * draws.uniform(12, 18), 0.01)


@kind("digit")
def dark_desk_turned_30(draws: Draws) -> Image.Image:
    return on_desk(draws, draws.sign() * draws.uniform(25, 32), 0.01)


@kind("digit")
def dark_desk_perspective(draws: Draws) -> Image.Image:
    return on_desk(draws, draws.uniform(-8, 8), draws.uniform(0.08, 0.16))


@kind("digit")
def wooden_desk(draws: Draws) -> Image.Image:
    """Of a middle tone."""
    return on_desk(draws, draws.uniform(-10, 10), 0.03, MEDIUM)


@kind("digit")
def phone_photo_of_12_megapixels(draws: Draws) -> bytes:
    """A sheet on a desk as a phone stores it."""
    page = paper.blank(draws, 1600)
    paper.digit(draws, page, draws.uniform(0.2, 0.5))
    ground = desk(draws, (*DARK, *MEDIUM), draws.choice(3000, 4000))
    picture = lay(draws, page, ground, draws.uniform(0.6, 0.9), draws.uniform(-8, 8), 0.04)
    return jpeg(develop(draws, light(draws, picture), blur=draws.uniform(0.8, 2)), 90)
