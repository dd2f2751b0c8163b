"""One digit on things that are written on, or that lie in the way."""

import cv2
import numpy as np
from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import BLACK, BLUE, GREEN, RED, Colour, Pen, any_pen, ballpoint, felt_pen, mask
from benchmarks.scenes.kinds.registry import kind
from benchmarks.scenes.kinds.sheets import desk, sheet
from benchmarks.scenes.photo import develop, lay, light, polygon, shade

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
def sticky_note(draws: Draws) -> Image.Image:
    """A yellow, pink or green note on a wall."""
    side = int(draws.uniform(350, 700))
    tone = draws.choice((0.98, 0.92, 0.45), (0.98, 0.92, 0.45), (0.98, 0.65, 0.75), (0.7, 0.93, 0.6))
    note = paper.blank(draws, side, side, tone)
    note *= np.linspace(0.93, 1, side, dtype=np.float32)[:, np.newaxis, np.newaxis]
    paper.digit(draws, note, draws.uniform(0.35, 0.7), felt_pen(draws, draws.choice(BLACK, BLUE)))
    wall = paper.blank(draws, int(draws.uniform(600, 1400)), int(draws.uniform(600, 1100)), (0.75, 0.74, 0.7))
    wall *= 1 + 0.02 * paper.noise(draws, wall.shape, 6)[..., np.newaxis]
    picture = lay(draws, note, wall, draws.uniform(0.4, 0.75), draws.uniform(-8, 8), 0.02)
    return develop(draws, light(draws, picture))


@kind("digit")
def whiteboard(draws: Draws) -> Image.Image:
    """A marker on a glossy board, with a lamp's reflection and traces of what was wiped off."""
    page = paper.blank(draws, tone=(0.85, 0.87, 0.88))
    height, width = page.shape[:2]
    page -= 0.02 * paper.noise(draws, page.shape, width / 12).clip(0, 2)[..., np.newaxis]
    paper.digit(draws, page, draws.uniform(0.25, 0.6), felt_pen(draws, draws.choice(BLACK, BLUE, RED, GREEN)))
    y, x = np.mgrid[:height, :width].astype(np.float32)
    away = ((x - width * draws.uniform(0, 1)) ** 2 + (y - height * draws.uniform(0, 1)) ** 2) / (0.12 * width) ** 2
    return develop(draws, light(draws, page) * 0.85 + 0.35 * np.exp(-away)[..., np.newaxis])


@kind("digit")
def brown_envelope(draws: Draws) -> Image.Image:
    page = paper.blank(draws, tone=(0.72, draws.uniform(0.52, 0.6), 0.38))
    page *= 1 + 0.03 * paper.noise(draws, page.shape, 3)[..., np.newaxis]
    paper.digit(draws, page, draws.uniform(0.25, 0.6), felt_pen(draws, draws.choice(BLACK, BLUE)))
    return develop(draws, light(draws, page))


@kind("digit")
def back_of_receipt(draws: Draws) -> Image.Image:
    """Small, narrow, glossy, its print shining through from the front."""
    width = int(draws.uniform(250, 400))
    page = paper.blank(draws, width, int(width * draws.uniform(1.5, 2.2)))
    front = np.ones_like(page)
    for i in range(8, page.shape[0] - 20, 22):
        paper.text(front, "TOTAL CASH MILK BREAD TEA"[: draws.integer(6, 25)], 12, i, 15, (0.5, 0.5, 0.5))
    page *= 1 - 0.12 * (1 - cv2.GaussianBlur(front[:, ::-1], (0, 0), 2.5))
    paper.digit(draws, page, draws.uniform(0.4, 0.7), ballpoint(draws)._replace(width=0.06, density=0.95))
    picture = lay(draws, page, desk(draws), draws.uniform(0.75, 0.95), draws.uniform(-15, 15), 0.03)
    return develop(draws, light(draws, picture))


@kind("digit")
def thumb_at_edge(draws: Draws) -> Image.Image:
    """Held by a thumb, whose tip is in the picture."""
    page = paper.blank(draws)
    height, width = page.shape[:2]
    top = height * draws.uniform(0.78, 0.88)
    paper.digit(draws, page, draws.uniform(0.3, 0.5), area=(0, 0, width, top))
    x, reach = width * draws.uniform(0.15, 0.85), width * draws.uniform(0.06, 0.1)
    angles = np.linspace(0, np.pi, 30)
    tip = [(x + reach * float(np.cos(a)), top + 0.9 * reach * (1 - float(np.sin(a)))) for a in angles]
    outline = [*tip, (x - reach * 1.1, height + 9.0), (x + reach * 1.1, height + 9.0)]
    page = shade(page, polygon(page.shape, [(a + 6, b + 6) for a, b in outline], 8), 0.35)
    cover = polygon(page.shape, outline, 1.5)[..., np.newaxis]
    skin = np.array(draws.choice((0.85, 0.62, 0.5), (0.55, 0.37, 0.27), (0.93, 0.74, 0.63)), np.float32)
    round_ = 1 - 0.25 * np.abs(np.linspace(-1, 1, width, dtype=np.float32) * width / 2 - (x - width / 2)) / (2 * reach)
    page = page * (1 - cover) + cover * skin * round_.clip(0.6, 1)[np.newaxis, :, np.newaxis]
    return develop(draws, light(draws, page))


@kind("digit")
def spiral_notebook(draws: Draws) -> Image.Image:
    """Holes along one side, on lines."""
    page = paper.blank(draws)
    height, width = page.shape[:2]
    pitch = draws.uniform(0.04, 0.07) * height
    paper.lines(draws, page, pitch, draws.uniform(0.3, 0.8))
    for y in np.arange(pitch / 2, height, pitch):
        hole = polygon(page.shape, box(pitch * 0.4, y - pitch / 4, pitch / 2, pitch / 2), 1)
        page = page * (1 - hole[..., np.newaxis]) + hole[..., np.newaxis] * 0.08
    paper.digit(draws, page, draws.uniform(0.25, 0.5), area=(width * 0.15, 0, width * 0.85, height))
    return develop(draws, light(draws, page))


@kind("digit")
def checked_tablecloth(draws: Draws) -> Image.Image:
    width, height = int(draws.uniform(600, 1400)), int(draws.uniform(600, 1100))
    step = draws.uniform(0.04, 0.08) * width
    y, x = np.mgrid[:height, :width]
    shares = ((x // step) % 2 + (y // step) % 2)[..., np.newaxis].astype(np.float32) / 2
    cloth = (1 - shares) * np.float32(0.92) + shares * np.array(draws.choice(RED, BLUE, GREEN), np.float32)
    return develop(
        draws, light(draws, lay(draws, sheet(draws), cloth, draws.uniform(0.6, 0.8), draws.uniform(-12, 12), 0.02))
    )


@kind("digit")
def screen_with_moire(draws: Draws) -> Image.Image:
    """A photo of a screen: its grid and the sensor's interfere."""
    page = paper.blank(draws, tone=(0.93, 0.95, 0.98))
    paper.digit(draws, page, draws.uniform(0.3, 0.7), Pen(draws.choice(BLACK, BLUE), draws.choice(None, 0.08), 1.0))
    y, x = np.mgrid[: page.shape[0], : page.shape[1]].astype(np.float32)
    for channel in range(3):
        angle, period = draws.uniform(-0.3, 0.3), draws.uniform(5, 40)
        bands = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period + 0.004 * y)
        page[..., channel] *= 1 + draws.uniform(0.02, 0.07) * bands
    return develop(draws, light(draws, page, draws.uniform(0, 0.25)))


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


def box(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
