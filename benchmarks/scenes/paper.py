"""Paper and what is printed on it, as (h, w, 3) float32 pictures: reflected light in [0, 1], red, green, blue."""

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import Colour, Pen, any_pen, mask, slanted

Box = tuple[float, float, float, float]  # left, top, width, height in pixels


def blank(draws: Draws, width: int = 0, height: int = 0, tone: Colour | None = None) -> np.ndarray:
    """Return a sheet with its tone and grain; of a random size if none is given."""
    width = width or int(draws.uniform(400, 1300))
    height = height or int(width * draws.uniform(0.7, 1.4))
    light = draws.uniform(0.82, 0.97)
    warm = draws.uniform(0, 0.05)
    page = np.empty((height, width, 3), np.float32)
    page[:] = tone or (light, light - warm / 3, light - warm)
    page *= (1 + draws.uniform(0.002, 0.02) * noise(draws, page.shape, 1.2))[..., np.newaxis]
    return page


def noise(draws: Draws, shape: tuple[int, ...], scale: float) -> np.ndarray:
    """Return smooth (h, w) float32 noise of about unit deviation, in grains `scale` pixels wide."""
    height, width = shape[:2]
    step = max(1.0, scale)
    small = int(height / step) + 3, int(width / step) + 3
    grains = draws.random.standard_normal(small, np.float32)
    large = cv2.resize(grains, None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
    return large[:height, :width]


def write(page: np.ndarray, soft: np.ndarray, left: float, top: float, pen: Pen, draws: Draws) -> None:
    """Put a mask onto the page; what is beyond its edges is cut off."""
    top_, left_ = round(top), round(left)
    y, x = max(top_, 0), max(left_, 0)
    part = soft[y - top_ : page.shape[0] - top_, x - left_ : page.shape[1] - left_]
    if not part.size:
        return
    pressure = 1 - 0.08 * (1 + noise(draws, part.shape, max(part.shape) / 6)).clip(0, 3)
    if pen.grain:
        pressure = pressure * (1 - pen.grain * (0.5 + 0.5 * noise(draws, part.shape, 1.5)).clip(0, 1))
    cover = (part * pressure.clip(0, 1) * pen.density)[..., np.newaxis]
    area = page[y : y + part.shape[0], x : x + part.shape[1]]
    area[:] = area * (1 - cover) + cover * np.array(pen.colour, np.float32)


def digit(draws: Draws, page: np.ndarray, share: float, pen: Pen | None = None, area: Box | None = None) -> Box:
    """Write a digit into the area (default: the page), `share` of its shorter side high; return the digit's box."""
    left, top, width, height = area or (0, 0, page.shape[1], page.shape[0])
    pen = pen or any_pen(draws)
    soft = slanted(
        mask(draws.sample().pixels, share * min(width, height), pen.width),
        draws.uniform(-0.1, 0.15),
        draws.uniform(-6, 6),
    )
    excess = soft.shape[1] / (0.9 * width)
    if excess > 1:  # a flat 2, or a 7 with a long roof
        soft = cv2.resize(soft, None, fx=1 / excess, fy=1 / excess, interpolation=cv2.INTER_AREA)
    free_x, free_y = width - soft.shape[1], height - soft.shape[0]
    x, y = left + free_x * draws.uniform(0.25, 0.75), top + free_y * draws.uniform(0.25, 0.75)
    write(page, soft, x, y, pen, draws)
    return x, y, soft.shape[1], soft.shape[0]


def stroke(
    page: np.ndarray, points: list[tuple[float, float]], width: float, colour: Colour, density: float = 1
) -> None:
    """Draw a line through points, in pixels, with soft edges."""
    path, reach = np.array(points), width / 2 + 2
    left, top = np.maximum(np.floor(path.min(axis=0) - reach), 0).astype(int)
    right, bottom = np.maximum(np.ceil(path.max(axis=0) + reach), 0).astype(int)
    area = page[top:bottom, left:right]  # only what the line's box covers, as pages are large
    if not area.size:
        return
    cover = np.zeros(area.shape[:2], np.uint8)
    fixed = np.rint((path - (left, top)) * 16).astype(np.int32)[:, np.newaxis]
    cv2.polylines(cover, [fixed], False, round(255 * min(1.0, width)), max(1, round(width)), cv2.LINE_AA, shift=4)
    share = cover[..., np.newaxis] * np.float32(density / 255)
    area[:] = area * (1 - share) + share * np.array(colour, np.float32)


def lines(draws: Draws, page: np.ndarray, pitch: float, strength: float, squared: bool = False) -> None:
    """Rule the page: a line every `pitch` pixels. strength: 0 to 1, of the printed colour."""
    height, width = page.shape[:2]
    colour = draws.choice((0.45, 0.6, 0.85), (0.5, 0.5, 0.55), (0.6, 0.75, 0.8))
    thickness = max(1.0, pitch * draws.uniform(0.02, 0.05))
    for y in np.arange(draws.uniform(0, pitch), height, pitch):
        stroke(page, [(0, y), (width, y)], thickness, colour, strength)
    if squared:
        for x in np.arange(draws.uniform(0, pitch), width, pitch):
            stroke(page, [(x, 0), (x, height)], thickness, colour, strength)


def frame(draws: Draws, page: np.ndarray, box: Box, width: float, colour: Colour = (0.15, 0.15, 0.17)) -> None:
    """Print a rectangle."""
    x, y, w, h = box
    stroke(page, [(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)], width, colour, draws.uniform(0.6, 1))


def comb(draws: Draws, page: np.ndarray, first: Box, fields: int, colour: Colour) -> None:
    """Print a row of boxes that touch, or a comb with low teeth."""
    x, y, side, height = first
    width = max(1.5, side * draws.uniform(0.01, 0.03))
    if draws.chance(0.7):
        for i in range(fields):
            frame(draws, page, (x + i * side, y, side, height), width, colour)
        return
    stroke(page, [(x, y + height), (x + fields * side, y + height)], width, colour)
    for i in range(fields + 1):
        stroke(page, [(x + i * side, y + height * 0.65), (x + i * side, y + height)], width, colour)


def pen_line(
    draws: Draws, page: np.ndarray, points: list[tuple[float, float]], width: float, pen: Pen, wobble: float = 0.01
) -> None:
    """Draw a line by hand: a curve near the points, `wobble` of its length off."""
    path = np.array(points)
    steps = np.linspace(0, len(path) - 1, 40)
    curve = np.stack([np.interp(steps, range(len(path)), path[:, axis]) for axis in (0, 1)], axis=1)
    length = float(np.hypot(*np.diff(path, axis=0).T).sum())
    drift = cv2.GaussianBlur(draws.random.standard_normal((40, 2)), (1, 21), 5)
    curve = curve + drift * wobble * length
    stroke(page, [(float(x), float(y)) for x, y in curve], width, pen.colour, pen.density)


def ring(draws: Draws, page: np.ndarray, box: Box, radius: float, width: float, pen: Pen) -> None:
    """Draw a circle around a box by hand, its radius the given share of the box's diagonal."""
    x, y, w, h = box
    reach = radius * float(np.hypot(w, h))
    start, squeeze = draws.uniform(0, 6.28), draws.uniform(0.75, 0.95)
    angles = start + np.linspace(0, 6.28 * draws.uniform(0.98, 1.06), 60)
    growth = reach * (1 + np.linspace(-0.04, 0.04, 60) * draws.sign())
    xs, ys = x + w / 2 + squeeze * growth * np.cos(angles), y + h / 2 + growth * np.sin(angles)
    stroke(page, list(zip(xs.tolist(), ys.tolist(), strict=True)), width, pen.colour, pen.density)


def text(page: np.ndarray, words: str, x: float, y: float, size: float, colour: Colour, anchor: str = "la") -> None:
    """Print text, `size` pixels high, where Pillow's anchor says."""
    font = ImageFont.load_default(max(6.0, size))
    left, top, right, bottom = (
        round(edge) for edge in ImageDraw.Draw(Image.new("L", (1, 1))).textbbox((x, y), words, font, anchor)
    )
    left, top = max(left - 1, 0), max(top - 1, 0)
    area = page[top : bottom + 1, left : right + 1]
    if not area.size:
        return
    cover = Image.new("L", (area.shape[1], area.shape[0]))
    ImageDraw.Draw(cover).text((x - left, y - top), words, 255, font, anchor)
    share = np.asarray(cover, np.float32)[..., np.newaxis] / 255
    area[:] = area * (1 - share) + share * np.array(colour, np.float32)
