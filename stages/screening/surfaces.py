"""What has no strokes: textures and solid shapes, as parts of a photo are."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from stages.screening.pen import SIDE, curve


def texture(random: np.random.RandomState) -> np.ndarray:
    """Make smooth noise, faint or hard, most of it within an oval."""
    noise = Image.fromarray(random.randint(0, 256, (SIDE, SIDE)).astype(np.uint8))
    smooth = np.asarray(noise.filter(ImageFilter.GaussianBlur(random.uniform(2, 12))), np.float64)
    smooth = (smooth - smooth.min()) / (np.ptp(smooth) + 1)
    if random.uniform() < 0.5:
        smooth = ((smooth - random.uniform(0.3, 0.6)) * random.uniform(1, 8)).clip(0, 1)
    if random.uniform() < 0.7:
        y, x = (np.mgrid[:SIDE, :SIDE] - SIDE / 2) / random.uniform(18, 48, (2, 1, 1))
        smooth = smooth * (x**2 + y**2 < 1)
    return (smooth * 255).astype(np.uint8)


def solid(random: np.random.RandomState) -> np.ndarray:
    """Fill an outline; half of them are smooth, symmetrical, have a rectangle in them, or are filled unevenly."""
    paper = Image.new("L", (SIDE, SIDE))
    pen = ImageDraw.Draw(paper)
    outline = random.randint(8, SIDE - 8, (random.randint(3, 9), 2))
    if random.uniform() < 0.5:
        outline = np.rint(curve(np.concatenate([outline, outline[:1]]))).astype(int)
    pen.polygon([(x, y) for x, y in outline.tolist()], fill=255)
    if random.uniform() < 0.5:
        corners = *random.randint(8, 45, 2).tolist(), *random.randint(50, SIDE - 8, 2).tolist()
        pen.rectangle(corners, fill=int(random.randint(100, 256)))
    ink = np.asarray(paper)
    if random.uniform() < 0.5:
        ink = np.maximum(ink, ink[:, ::-1])
    if random.uniform() < 0.5:
        cells = random.randint(3, 20)
        light = Image.fromarray(random.randint(0, 256, (cells, cells)).astype(np.uint8))
        shade = np.asarray(light.resize((SIDE, SIDE), Image.Resampling.BICUBIC), np.uint16)
        ink = (ink * shade // 255).astype(np.uint8)
    return ink
