"""One digit on a plain sheet with an unusual pen, or in an unusual place."""

import cv2
import numpy as np
from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import BLACK, BLUE, GREEN, RED, WHITE, Colour, Pen, any_pen, felt_pen, mask
from benchmarks.scenes.kinds.registry import kind
from benchmarks.scenes.photo import develop, light

FELT: tuple[Colour, ...] = ((0.9, 0.45, 0.05), (0.55, 0.1, 0.6), (0.1, 0.6, 0.75), (0.85, 0.1, 0.45), GREEN, RED)
HIGHLIGHTER: tuple[Colour, ...] = ((0.97, 0.93, 0.1), (0.98, 0.6, 0.75), (0.55, 0.95, 0.4))


@kind("digit")
def coloured_felt_pen(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    paper.digit(draws, page, draws.uniform(0.3, 0.8), felt_pen(draws, draws.choice(*FELT)))
    return develop(draws, light(draws, page))


@kind("digit")
def highlighter(draws: Draws) -> Image.Image:
    """Almost as bright as the paper, but of another colour."""
    page = paper.blank(draws)
    pen = Pen(draws.choice(*HIGHLIGHTER), draws.uniform(0.1, 0.16), draws.uniform(0.8, 1))
    paper.digit(draws, page, draws.uniform(0.4, 0.8), pen)
    return develop(draws, light(draws, page, draws.uniform(0, 0.3)), noisy=draws.uniform(0.003, 0.012))


@kind("digit")
def white_on_dark_blue(draws: Draws) -> Image.Image:
    page = paper.blank(draws, tone=(draws.uniform(0.05, 0.15), 0.12, draws.uniform(0.3, 0.45)))
    paper.digit(draws, page, draws.uniform(0.3, 0.8), Pen(WHITE, draws.choice(None, 0.08), 0.9))
    return develop(draws, light(draws, page))


@kind("digit")
def dark_ink_on_coloured_paper(draws: Draws) -> Image.Image:
    tone = draws.choice((0.95, 0.6, 0.65), (0.6, 0.85, 0.6), (0.55, 0.75, 0.95), (0.97, 0.75, 0.3))
    page = paper.blank(draws, tone=tone)
    paper.digit(draws, page, draws.uniform(0.3, 0.8), felt_pen(draws, draws.choice(BLACK, BLUE)))
    return develop(draws, light(draws, page))


@kind("digit")
def dry_pen(draws: Draws) -> Image.Image:
    """The ink skips."""
    page = paper.blank(draws)
    pen = felt_pen(draws, draws.choice(BLACK, BLUE))
    soft = mask(draws.sample().pixels, draws.uniform(0.35, 0.75) * min(page.shape[:2]), pen.width)
    skips = 0.5 + 3 * (paper.noise(draws, soft.shape, max(3.0, soft.shape[0] / 40)) + draws.uniform(0.8, 1.3))
    left, top = draws.uniform(0.3, 0.7), draws.uniform(0.3, 0.7)
    free = page.shape[1] - soft.shape[1], page.shape[0] - soft.shape[0]
    paper.write(page, soft * skips.clip(0.05, 1), free[0] * left, free[1] * top, pen, draws)
    return develop(draws, light(draws, page))


@kind("digit")
def very_large_stroke(draws: Draws) -> Image.Image:
    """Written with a brush: the strokes nearly close the loops."""
    page = paper.blank(draws)
    height = draws.uniform(0.5, 0.75) * min(page.shape[:2])
    soft = mask(draws.sample().pixels, height)
    reach = max(1, round(height * draws.uniform(0.01, 0.03)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    soft = cv2.dilate(np.pad(soft, reach), kernel)
    free = page.shape[1] - soft.shape[1], page.shape[0] - soft.shape[0]
    paper.write(
        page, soft, free[0] * draws.uniform(0.2, 0.8), free[1] * draws.uniform(0.2, 0.8), Pen(BLACK, None), draws
    )
    return develop(draws, light(draws, page))


def at_edge(draws: Draws, gap: float) -> Image.Image:
    """Draw a digit `gap` of the page's shorter side from one edge."""
    page = paper.blank(draws)
    height, width = page.shape[:2]
    pen = any_pen(draws)
    soft = mask(draws.sample().pixels, draws.uniform(0.25, 0.6) * min(height, width), pen.width)
    free_x, free_y, near = width - soft.shape[1], height - soft.shape[0], gap * min(height, width)
    along_x, along_y = free_x * draws.uniform(0.2, 0.8), free_y * draws.uniform(0.2, 0.8)
    x, y = draws.choice((near, along_y), (free_x - near, along_y), (along_x, near), (along_x, free_y - near))
    paper.write(page, soft, x, y, pen, draws)
    return develop(draws, light(draws, page))


@kind("digit")
def close_to_edge(draws: Draws) -> Image.Image:
    return at_edge(draws, draws.uniform(0.01, 0.04))


@kind("digit")
def touching_edge(draws: Draws) -> Image.Image:
    return at_edge(draws, 0)


@kind("digit")
def cropped_tight(draws: Draws) -> Image.Image:
    """Cut out around the ink."""
    pen = any_pen(draws)
    soft = mask(draws.sample().pixels, draws.uniform(60, 500), pen.width)
    margin = draws.uniform(0.01, 0.08) * soft.shape[0]
    page = paper.blank(draws, round(soft.shape[1] + 2 * margin), round(soft.shape[0] + 2 * margin))
    paper.write(page, soft, margin, margin, pen, draws)
    return develop(draws, page)


@kind("digit")
def vertical_gradient(draws: Draws) -> Image.Image:
    """From bright to dark, as in a corner of the room at night."""
    page = paper.blank(draws)
    paper.digit(draws, page, draws.uniform(0.3, 0.7), felt_pen(draws, draws.choice(BLACK, BLUE)))
    fall = np.linspace(1, draws.uniform(0.2, 0.5), page.shape[0], dtype=np.float32)[:, np.newaxis, np.newaxis]
    return develop(draws, page * (fall if draws.chance(0.5) else fall[::-1]))


@kind("digit")
def dim_photo(draws: Draws) -> Image.Image:
    """Underexposed and noisy."""
    page = paper.blank(draws)
    paper.digit(draws, page, draws.uniform(0.3, 0.7), felt_pen(draws))
    return develop(draws, light(draws, page) * draws.uniform(0.15, 0.35), noisy=draws.uniform(0.01, 0.025))


@kind("digit")
def out_of_focus(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    share = draws.uniform(0.3, 0.7)
    paper.digit(draws, page, share, felt_pen(draws))
    return develop(draws, light(draws, page), blur=draws.uniform(0.015, 0.04) * share * min(page.shape[:2]))


@kind("digit")
def shaken(draws: Draws) -> Image.Image:
    """Blurred along a line by a movement of the camera."""
    page = paper.blank(draws)
    share = draws.uniform(0.3, 0.7)
    paper.digit(draws, page, share, felt_pen(draws))
    length = max(3, int(draws.uniform(0.03, 0.08) * share * min(page.shape[:2])))
    kernel = np.zeros((2 * length + 1, 2 * length + 1), np.uint8)
    angle = draws.uniform(0, np.pi)
    x, y = length / 2 * np.cos(angle), length / 2 * np.sin(angle)
    cv2.line(kernel, (round(length - x), round(length - y)), (round(length + x), round(length + y)), 1)
    return develop(draws, cv2.filter2D(light(draws, page), -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE))
