"""One digit in files of many formats, and pictures that a program made."""

from importlib.util import find_spec

import numpy as np
from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import BLACK, BLUE, RED, Pen, any_pen, felt_pen, mask
from benchmarks.scenes.kinds.registry import kind
from benchmarks.scenes.photo import develop, encode, jpeg, light

_ORIENTATION = 0x0112  # the EXIF tag
_TURNS = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}


def plain(draws: Draws) -> Image.Image:
    page = paper.blank(draws)
    paper.digit(draws, page, draws.uniform(0.3, 0.75))
    return develop(draws, light(draws, page))


@kind("digit")
def transparent_png(draws: Draws) -> bytes:
    """Ink on nothing, black or coloured or white."""
    soft = mask(draws.sample().pixels, draws.uniform(60, 500), draws.choice(None, 0.06))
    margin = int(draws.uniform(0.05, 0.5) * max(soft.shape))
    alpha = np.rint(np.pad(soft, margin) * 255).astype(np.uint8)
    image = Image.new("RGBA", alpha.shape[::-1], draws.choice("black", "black", "navy", "crimson", "white"))
    image.putalpha(Image.fromarray(alpha))
    return encode(image, "PNG")


@kind("digit")
def exif_rotated(draws: Draws) -> bytes:
    """A phone held upright stores its photo lying, with a note."""
    exif = Image.Exif()
    orientation = draws.choice(*_TURNS)
    exif[_ORIENTATION] = orientation
    return encode(plain(draws).transpose(_TURNS[orientation]), "JPEG", quality=90, exif=exif.tobytes())


@kind("digit")
def sixteen_bit_grey(draws: Draws) -> bytes:
    """A scanner's PNG or TIFF."""
    grey = np.asarray(plain(draws).convert("L"), np.uint16) * 257
    return encode(Image.fromarray(grey), draws.choice("PNG", "TIFF"))


@kind("digit")
def cmyk_jpeg(draws: Draws) -> bytes:
    return encode(plain(draws).convert("CMYK"), "JPEG", quality=90)


@kind("digit")
def palette_gif(draws: Draws) -> bytes:
    return encode(plain(draws).quantize(draws.choice(8, 16, 64)), "GIF")


@kind("digit")
def webp_or_bmp_or_tiff(draws: Draws) -> bytes:
    return encode(plain(draws), draws.choice("WEBP", "BMP", "TIFF"))


@kind("digit")
def low_quality_jpeg(draws: Draws) -> bytes:
    """Sent on by a messenger."""
    image = plain(draws)
    image.thumbnail((draws.integer(250, 500),) * 2)
    return jpeg(image, draws.integer(8, 25))


@kind("digit")
def fax(draws: Draws) -> bytes:
    """Black and white only, with specks."""
    page = paper.blank(draws, int(draws.uniform(400, 1000)))
    paper.digit(draws, page, draws.uniform(0.25, 0.7), felt_pen(draws, BLACK))
    grey = page.mean(axis=2) + 0.02 * draws.random.standard_normal(page.shape[:2])
    specks = draws.random.random(page.shape[:2]) < draws.uniform(0, 0.002)
    return encode(Image.fromarray((grey > 0.5) ^ specks), draws.choice("PNG", "TIFF"))


@kind("digit")
def mnist_png(draws: Draws) -> bytes:
    """An image of MNIST itself."""
    return encode(Image.fromarray(np.rint(draws.sample().pixels * 255).astype(np.uint8)), "PNG")


@kind("digit")
def mnist_png_inverted(draws: Draws) -> bytes:
    return encode(Image.fromarray(np.rint(255 - draws.sample().pixels * 255).astype(np.uint8)), "PNG")


@kind("digit")
def tiny(draws: Draws) -> bytes:
    """A digit of 12 to 20 pixels, cut out of something."""
    page = paper.blank(draws, draws.integer(20, 36), draws.integer(22, 36))
    paper.digit(draws, page, draws.uniform(12, 20) / min(page.shape[:2]), felt_pen(draws, BLACK)._replace(width=0.12))
    return encode(develop(draws, page, 0.01, 0), "PNG")


@kind("digit")
def drawing_app(draws: Draws) -> Image.Image:
    """A screenshot of a drawing program with its toolbar."""
    width, height = draws.integer(600, 1400), draws.integer(450, 900)
    bar = draws.integer(36, 80)
    page = np.ones((height, width, 3), np.float32)
    grey = draws.uniform(0.2, 0.93)
    page[:bar] = grey
    for i in range(draws.integer(5, 12)):
        x = 12 + i * bar
        tone = draws.choice((0.3, 0.5, 0.9), (0.9, 0.3, 0.3), (0.3, 0.7, 0.4), (0.5, 0.5, 0.5), (0.95, 0.8, 0.2))
        page[bar // 4 : 3 * bar // 4, x : x + bar // 2] = tone
    pen = Pen(draws.choice(BLACK, BLUE, RED, (0.0, 0.0, 0.0)), draws.uniform(0.03, 0.12), 1.0)
    paper.digit(draws, page, draws.uniform(0.3, 0.7), pen, (0, bar, width, height - bar))
    return develop(draws, page, 0, 0)


@kind("digit")
def drawing_canvas(draws: Draws) -> Image.Image:
    """A saved canvas: a round pen on white, often too large or too small."""
    side = draws.integer(200, 800)
    page = np.ones((side, side, 3), np.float32)
    pen = Pen(draws.choice((0.0, 0.0, 0.0), BLUE), draws.uniform(0.03, 0.15), 1.0)
    paper.digit(draws, page, draws.uniform(0.2, 0.9), pen)
    return develop(draws, page, 0, 0)


@kind("digit")
def half_transparent_paper(draws: Draws) -> bytes:
    """A cut-out: opaque paper on nothing."""
    page = paper.blank(draws, int(draws.uniform(300, 700)))
    paper.digit(draws, page, draws.uniform(0.35, 0.7), any_pen(draws))
    image = develop(draws, page).convert("RGBA")
    turned = image.rotate(draws.sign() * draws.uniform(2, 12), Image.Resampling.BICUBIC, expand=True)
    return encode(turned, "PNG")


if find_spec("pillow_heif"):  # the app's own dependency; without it there is no such kind

    @kind("digit")
    def heic(draws: Draws) -> bytes:
        """An iPhone's photo."""
        from pillow_heif import register_heif_opener

        register_heif_opener()
        return encode(plain(draws), "HEIF", quality=draws.integer(50, 90))
