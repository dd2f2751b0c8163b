"""Pictures from a file or a stream, page by page, as arrays; one line of error for what cannot be read."""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, closing
from threading import Lock
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from stages.artifacts.errors import PipelineError

MOST_PIXELS = 50_000_000  # of a page: a small file can unpack to more than the memory holds

_PDF_SIDE = 2000  # pixels: the longer side of a rendered page
_START = 16  # bytes that tell what a file is
_PAGED = ("TIFF",)  # formats whose frames are pages, and not those of an animation
_PDFIUM = Lock()  # the library is not thread-safe, not even with a document per thread


def silence_pillow() -> None:
    """Stop Pillow's warnings, of large images and of damaged metadata, for the whole process.

    The limit here is stricter, and an image that can be read needs no line next to its number.
    """
    warnings.filterwarnings("ignore", module=r"PIL\.")


def read_pages(source: str | BinaryIO, formats: tuple[str, ...] | None = None) -> Iterator[np.ndarray]:
    """Yield each page of a file as (h, w, 3) uint8, upright and on its background.

    Reads PDF and what Pillow reads, with HEIC; of `formats` alone (Pillow's names, PDF, HEIF), if they are given.
    Raises PipelineError if it is none of these, is damaged or too large.
    """
    try:
        start = _start(source)
        if b"%PDF" in start:
            if formats and "PDF" not in formats:
                raise PipelineError("a PDF, which is not read here: save its page as an image")
            yield from _pdf_pages(source)
            return
        if start[4:8] == b"ftyp":
            _register_heif()
        elif formats:  # of which Pillow has to know each
            formats = tuple(name for name in formats if name not in ("HEIF", "PDF"))
        with Image.open(source, formats=formats) as image:
            frames = ImageSequence.Iterator(image) if image.format in _PAGED else [image]
            for frame in frames:
                _require_size(frame.width, frame.height)
                yield _as_rgb(frame)
    except Image.DecompressionBombError:
        raise PipelineError(_too_large()) from None
    except UnidentifiedImageError:
        raise PipelineError("not an image or a PDF") from None
    except FileNotFoundError:
        raise PipelineError("no such file") from None
    except PipelineError:
        raise
    except Exception as error:  # decoders raise whatever a damaged file leads them into
        words = " ".join(str(error).split()) or type(error).__name__  # libheif's have several lines
        reason = getattr(error, "strerror", None) or f"damaged image ({words})"
        raise PipelineError(reason) from None


def _start(source: str | BinaryIO) -> bytes:
    if isinstance(source, str):
        with open(source, "rb") as stream:
            return stream.read(_START)
    start = source.read(_START)
    source.seek(0)
    return start


def _register_heif() -> None:
    """Teach Pillow to read HEIC, the photos of an iPhone: only when there is one, as it takes a while to load."""
    from pillow_heif import register_heif_opener

    register_heif_opener()


def _pdf_pages(source: str | BinaryIO) -> Iterator[np.ndarray]:
    import pypdfium2

    with ExitStack() as stack:
        try:
            with _PDFIUM:
                document = pypdfium2.PdfDocument(source)
                stack.callback(_close, document)
                count = len(document)
            for i in range(count):
                yield _rendered(document, i)
        except pypdfium2.PdfiumError as error:
            raise PipelineError(f"a damaged or locked PDF ({error})") from None


def _rendered(document: Any, i: int) -> np.ndarray:
    with _PDFIUM, closing(document[i]) as page:
        width, height = page.get_size()
        if min(width, height) <= 0:
            raise PipelineError("a page of this PDF has no size")
        with closing(page.render(scale=_PDF_SIDE / max(width, height), rev_byteorder=True)) as bitmap:
            return bitmap.to_numpy().copy()


def _close(document: Any) -> None:
    with _PDFIUM:
        document.close()


def _require_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise PipelineError(f"{_too_large()}: it has {width} x {height}")


def _too_large() -> str:
    return f"too large: the limit is {MOST_PIXELS // 1_000_000} megapixels"


def _as_rgb(image: Image.Image) -> np.ndarray:
    """Return an image of any mode as (h, w, 3) uint8; a transparent one on white, or on black if it is light."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I") or image.mode == "F":  # 16 or more bits per pixel, which convert() would cut off
        values = np.nan_to_num(np.asarray(image, np.float64), posinf=0, neginf=0)
        image = Image.fromarray((values * (255 / max(values.max(), 1))).clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        pixels: Any = np.asarray(image)
        drawn = np.asarray(image.convert("L"))[pixels[..., 3] > 127]
        background = 0 if drawn.size and drawn.mean() > 127 else 255  # what the drawing stands out from
        image = Image.alpha_composite(Image.new("RGBA", image.size, (background,) * 3 + (255,)), image)
    return np.asarray(image.convert("RGB"))
