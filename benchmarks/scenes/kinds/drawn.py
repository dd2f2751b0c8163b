"""One digit on a clean sheet or screen: what has always worked, pens, and odd renderings."""

import numpy as np
from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import BLACK, BLUE, WHITE, Pen, any_pen, ballpoint, felt_pen, pencil
from benchmarks.scenes.kinds.registry import kind
from benchmarks.scenes.photo import develop, jpeg, light


@kind("digit")
def clean_sheet(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    paper.digit(draws, page, draws.uniform(0.35, 0.8))
    return develop(draws, page)


@kind("digit")
def uneven_light(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    paper.digit(draws, page, draws.uniform(0.3, 0.7))
    return develop(draws, light(draws, page, draws.uniform(0.3, 0.7)))


@kind("digit")
def blue_ink(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    paper.digit(draws, page, draws.uniform(0.3, 0.8), felt_pen(draws, BLUE))
    return develop(draws, light(draws, page))


@kind("digit")
def faint_pencil(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    paper.digit(draws, page, draws.uniform(0.3, 0.8), pencil(draws)._replace(density=draws.uniform(0.3, 0.5)))
    return develop(draws, light(draws, page, draws.uniform(0, 0.2)), noisy=draws.uniform(0.003, 0.01))


@kind("digit")
def chalk_on_blackboard(draws: Draws) -> Image.Image:
    dark = draws.uniform(0.1, 0.25)
    page = paper.blank(draws, tone=draws.choice((dark, dark, dark), (dark * 0.6, dark * 1.2, dark * 0.8)))
    page += 0.03 * paper.noise(draws, page.shape, 60).clip(-1, 2)[..., np.newaxis]  # wiped chalk
    paper.digit(
        draws, page, draws.uniform(0.3, 0.7), Pen(WHITE, draws.choice(None, draws.uniform(0.06, 0.12)), 0.85, 0.5)
    )
    return develop(draws, light(draws, page))


@kind("digit")
def inverted(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    paper.digit(draws, page, draws.uniform(0.35, 0.8))
    return develop(draws, 1 - page)


@kind("digit")
def thin_ballpoint_noisy(draws: Draws) -> Image.Image:
    """Small on the sheet, in bad light."""
    page = paper.blank(draws, int(draws.uniform(700, 1600)))
    pen = ballpoint(draws)._replace(width=draws.uniform(0.03, 0.045))
    paper.digit(draws, page, draws.uniform(0.12, 0.25), pen)
    return develop(draws, light(draws, page), noisy=draws.uniform(0.02, 0.06))


@kind("digit")
def red_on_green(draws: Draws) -> Image.Image:
    """Ink and paper of the same brightness."""
    red = draws.uniform(0.75, 0.9)
    green = (0.299 * red + 0.587 * 0.12 + 0.114 * 0.12 - 0.3 * 0.299 - 0.25 * 0.114) / 0.587
    page = paper.blank(draws, tone=(0.3, green, 0.25))
    paper.digit(draws, page, draws.uniform(0.3, 0.8), Pen((red, 0.12, 0.12), draws.choice(None, 0.1), 1.0))
    return develop(draws, page, noisy=draws.uniform(0.003, 0.01))


@kind("digit")
def small_in_12_megapixels(draws: Draws) -> bytes:
    """A digit of 20 to 80 pixels in a phone's photo."""
    page = paper.blank(draws, 4000, 3000)
    pen = any_pen(draws)._replace(width=draws.uniform(0.07, 0.12), grain=0)
    paper.digit(draws, page, draws.uniform(20, 80) / 3000, pen)
    return jpeg(develop(draws, light(draws, page), noisy=draws.uniform(0.003, 0.015), blur=draws.uniform(0.3, 0.8)), 90)


@kind("digit")
def white_frame(draws: Draws) -> Image.Image:
    """White on black, and a frame of a pixel or two."""
    side = int(draws.uniform(100, 500))
    page = np.zeros((side, side, 3), np.float32)
    paper.digit(draws, page, draws.uniform(0.4, 0.75), Pen((1, 1, 1), None, 1.0))
    edge = draws.choice(1, 1, 2)
    page[:edge] = page[-edge:] = page[:, :edge] = page[:, -edge:] = 1
    return develop(draws, page, 0, 0)


@kind("digit")
def black_square_on_white_page(draws: Draws) -> Image.Image:
    """An image of MNIST as documents show it."""
    page = np.ones((int(draws.uniform(300, 700)), int(draws.uniform(300, 900)), 3), np.float32)
    side = int(draws.uniform(0.3, 0.8) * min(page.shape[:2]))
    left, top = draws.integer(5, page.shape[1] - side - 5), draws.integer(5, page.shape[0] - side - 5)
    area = page[top : top + side, left : left + side]
    area[:] = 0
    paper.digit(draws, area, draws.uniform(0.6, 0.75), Pen((1, 1, 1), None, 1.0))
    return develop(draws, page, 0, 0)


@kind("digit")
def saved_figure(draws: Draws) -> Image.Image:
    """What plt.imshow shows: pixels, and axes with their numbers."""
    pixels = draws.sample().pixels
    side = int(draws.uniform(220, 600) / 28) * 28
    page = np.ones((side + side // 3, side + side // 2, 3), np.float32)
    left, top = side // 4, side // 8
    grey = np.kron(pixels, np.ones((side // 28, side // 28), np.float32))
    if draws.chance(0.3):
        grey = 1 - grey  # cmap="gray_r"
    page[top : top + side, left : left + side] = grey[..., np.newaxis]
    paper.frame(draws, page, (left, top, side, side), max(1, side / 300), BLACK)
    for value in range(0, 28, 5):
        place = (value + 0.5) * side / 28
        paper.stroke(page, [(left + place, top + side), (left + place, top + side + side / 60)], 1, BLACK)
        paper.stroke(page, [(left - side / 60, top + place), (left, top + place)], 1, BLACK)
        paper.text(page, str(value), left + place, top + side * 1.05, side / 22, BLACK, "mm")
        paper.text(page, str(value), left - side / 30, top + place, side / 22, BLACK, "rm")
    return develop(draws, page, 0, 0)
