"""Pictures without a number: blank paper, print, pieces of digits, things."""

import functools
import gzip
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import BLACK, BLUE, FAINTEST, felt_pen, mask, trim
from benchmarks.scenes.kinds.doodles import WORDS
from benchmarks.scenes.kinds.registry import kind
from benchmarks.scenes.kinds.sheets import desk
from benchmarks.scenes.photo import develop, lay, light
from benchmarks.scenes.strokes import LETTERS, LOOKALIKES
from stages.artifacts.images import SIDE
from stages.ingest.idx import read_idx

FASHION = Path("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz")


@functools.cache
def fashion() -> np.ndarray:
    """Return (10000, 28, 28) uint8 pictures of clothes."""
    return read_idx(gzip.decompress(FASHION.read_bytes())).reshape(-1, SIDE, SIDE)


@kind("nothing")
def blank_paper(draws: Draws) -> Image.Image:
    return develop(draws, light(draws, paper.blank(draws)))


@kind("nothing")
def blank_lined_paper(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    paper.lines(draws, page, draws.uniform(0.05, 0.2) * min(page.shape[:2]), draws.uniform(0.2, 1))
    return develop(draws, light(draws, page))


@kind("nothing")
def blank_squared_paper(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    paper.lines(draws, page, draws.uniform(0.05, 0.15) * min(page.shape[:2]), draws.uniform(0.2, 1), squared=True)
    return develop(draws, light(draws, page))


@kind("nothing")
def blank_sheet_on_desk(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    return develop(draws, light(draws, lay(draws, page, desk(draws), 0.75, draws.uniform(-30, 30), 0.03)))


@kind("nothing")
def blank_form(draws: Draws) -> Image.Image:
    """An empty row of fields."""
    fields, side = draws.integer(2, 8), draws.uniform(60, 160)
    page = paper.blank(draws, int(side * (fields + 1)), int(side * draws.uniform(1.6, 3)))
    left, top = (page.shape[1] - fields * side) / 2, (page.shape[0] - side) / 2
    paper.comb(draws, page, (left, top, side, side), fields, BLACK)
    return develop(draws, light(draws, page))


@kind("nothing")
def printed_letters(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    name = draws.choice(*sorted(set(LETTERS) - set(LOOKALIKES)))
    size = draws.uniform(0.3, 0.8) * min(page.shape[:2])
    paper.text(page, name, page.shape[1] / 2, page.shape[0] / 2, size, draws.choice(BLACK, BLUE), "mm")
    return develop(draws, light(draws, page))


@kind("nothing")
def printed_text(draws: Draws) -> Image.Image:
    """A page of a book."""
    page = paper.blank(draws, int(draws.uniform(600, 1400)))
    size = draws.uniform(0.02, 0.04) * page.shape[1]
    for y in np.arange(2 * size, page.shape[0] - 2 * size, 1.5 * size):
        line = " ".join(draws.choice(*WORDS) for _ in range(30))[: int(1.6 * page.shape[1] / size)]
        paper.text(page, line, 2 * size, float(y), size, BLACK)
    return develop(draws, light(draws, page))


@kind("nothing")
def pieces_of_digits(draws: Draws) -> Image.Image:
    """Half or a quarter of a digit."""
    pixels = draws.sample().pixels
    soft = mask(pixels, draws.uniform(200, 400), draws.choice(None, 0.08))
    height, width = soft.shape
    half_y, half_x = (
        draws.choice(np.s_[: height // 2], np.s_[height // 2 :]),
        draws.choice(np.s_[: width // 2], np.s_[width // 2 :]),
    )
    piece = soft[draws.choice((half_y, np.s_[:]), (np.s_[:], half_x), (half_y, half_x))]
    soft = trim(piece if piece.max() > FAINTEST else soft[half_y])  # a quarter may be blank
    page = paper.blank(draws, draws.integer(600, 1000), draws.integer(600, 1000))
    paper.write(page, soft, draws.uniform(100, 200), draws.uniform(100, 200), felt_pen(draws), draws)
    return develop(draws, light(draws, page))


@kind("nothing")
def clutter(draws: Draws) -> Image.Image:
    """A photo taken by mistake."""
    height, width = draws.integer(300, 900), draws.integer(300, 1200)

    def layer() -> np.ndarray:
        octaves = [paper.noise(draws, (height, width), width / n) / np.sqrt(n) for n in (2, 5, 12, 40)]
        return np.sum(octaves, axis=0)

    colours = np.stack([layer() for _ in range(3)], axis=-1)
    picture = draws.uniform(0.3, 0.6) + 0.25 * layer()[..., np.newaxis] + draws.uniform(0.02, 0.1) * colours
    return develop(draws, picture.clip(0, 1).astype(np.float32), blur=draws.uniform(0.5, 3))


@kind("nothing")
def wooden_desk_only(draws: Draws) -> Image.Image:
    return develop(draws, light(draws, desk(draws)))


if FASHION.is_file():  # Debian's package dataset-fashion-mnist; without it there is no such kind

    @kind("nothing")
    def clothes(draws: Draws) -> Image.Image:
        """Fashion-MNIST's images, enlarged, bright on dark or dark on bright."""
        images = fashion()
        small = images[2 * draws.integer(0, len(images) // 2 - 1) + draws.odd]
        side = draws.integer(28, 400)
        large = cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)
        return Image.fromarray(large if draws.chance(0.5) else 255 - large)
