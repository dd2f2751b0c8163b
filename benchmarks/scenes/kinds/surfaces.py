"""One digit on a note, a board, an envelope, a screen and other things that are written on."""

import cv2
import numpy as np
from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import BLACK, BLUE, GREEN, RED, Pen, ballpoint, felt_pen
from benchmarks.scenes.kinds.registry import kind
from benchmarks.scenes.kinds.sheets import desk, sheet
from benchmarks.scenes.photo import develop, lay, light, polygon, shade


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


def box(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
