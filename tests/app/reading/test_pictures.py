"""Any file in place of a picture: its pages, (h, w, 3) uint8, or an error of one line."""

import io
import warnings
from collections.abc import Callable

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from app.reading.pictures import MOST_PIXELS, read_pages
from benchmarks.strokes import image as draw
from stages.artifacts.errors import PipelineError
from tests.helpers.written import as_picture, saved

DIGIT = draw(3, 60)
PLAIN = as_picture(DIGIT)
FLOATS = np.asarray(DIGIT, np.float32)


def read(content: bytes, formats: tuple[str, ...] | None = None) -> list[np.ndarray] | str:
    """Return the pages, or the error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pages = list(read_pages(io.BytesIO(content), formats))
        except PipelineError as error:
            return in_a_line(error)
    assert pages
    for page in pages:
        assert page.dtype == np.uint8
        assert page.ndim == 3
        assert page.shape[2] == 3
    return pages


def in_a_line(error: PipelineError) -> str:
    assert "\n" not in str(error)
    return str(error)


def without(value: float, row: slice) -> Image.Image:
    values = FLOATS.copy()
    values[row] = value
    return Image.fromarray(values)


def rotated_by_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to see it
    return saved(DIGIT.rotate(90), "PNG", exif=exif)


def transparent(shade: int) -> bytes:
    """The digit in one shade on nothing."""
    return saved(Image.merge("LA", [Image.new("L", DIGIT.size, shade), Image.eval(DIGIT, lambda v: 255 - v)]), "PNG")


def heic(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    pillow_heif.from_pillow(image.convert("RGB")).save(stream, quality=-1, **options)  # lossless
    return stream.getvalue()


AS_GOOD = {
    "palette": lambda: saved(DIGIT.convert("P"), "PNG"),
    "palette with a transparent colour": lambda: saved(DIGIT.convert("P"), "PNG", transparency=255),
    "palette with transparent colours": lambda: saved(
        DIGIT.convert("P"), "PNG", transparency=b"\xff" * 200 + b"\0" * 56
    ),
    "black on transparent": lambda: transparent(0),
    "two colours": lambda: saved(DIGIT.convert("1"), "PNG"),
    "CMYK": lambda: saved(DIGIT.convert("CMYK"), "TIFF"),
    "16 bits": lambda: saved(Image.fromarray(np.asarray(DIGIT, np.uint16) * 257), "PNG"),
    "32 bits": lambda: saved(Image.fromarray(np.asarray(DIGIT, np.int32) * 65537), "TIFF"),
    "floats": lambda: saved(Image.fromarray(FLOATS), "TIFF"),
    "animated GIF": lambda: saved(DIGIT, "GIF", save_all=True, append_images=[draw(5, 60)]),
    "animated PNG": lambda: saved(DIGIT, "PNG", save_all=True, append_images=[draw(5, 60)]),
    "rotated by EXIF": rotated_by_exif,
    "HEIC": lambda: heic(DIGIT),
}


@pytest.mark.parametrize("content", AS_GOOD.values(), ids=AS_GOOD.keys())
def test_an_unusual_image_is_read_as_the_plain_one(content: Callable[[], bytes]):
    [page] = read(content())
    assert np.abs(page.astype(int) - PLAIN).max() <= 3


def test_light_ink_on_transparency_is_on_black():
    [page] = read(transparent(255))
    assert np.array_equal(page, 255 - PLAIN)


def test_a_heic_photo_is_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    [page] = read(heic(DIGIT.rotate(90), exif=exif.tobytes()))
    assert np.abs(page.astype(int) - PLAIN).max() <= 3


JPEG, PNG = saved(DIGIT, "JPEG"), saved(DIGIT, "PNG")
PDF = saved(DIGIT, "PDF")
REFUSED = {
    "nothing": (b"", "not an image or a PDF"),
    "text": (b"label,pixel0\n", "not an image or a PDF"),
    "a cut PNG": (PNG[: len(PNG) // 2], "damaged image"),
    "a cut JPEG": (JPEG[: len(JPEG) // 2], "damaged image"),
    "a cut HEIC": (heic(DIGIT)[:-200], "damaged image"),
    "a cut PDF": (PDF[: len(PDF) // 2], "a damaged or locked PDF"),
    "too many pixels": (
        saved(Image.new("1", (10_000, 9_000)), "PNG"), "too large: the limit is 50 megapixels: it has 10000 x 9000"
    ),
    "far too many pixels": (saved(Image.new("1", (20_000, 20_000)), "PNG"), "too large: the limit is 50 megapixels"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_cannot_be_read_says_why(content: bytes, message: str):
    assert str(read(content)).startswith(message)


def test_a_page_of_the_largest_size_is_read():
    [page] = read(saved(Image.new("1", (MOST_PIXELS // 5000, 5000)), "PNG"))
    assert page.shape[0] * page.shape[1] == MOST_PIXELS


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n%%EOF\n"
OF_A_PAGE = ("PNG", "JPEG", "HEIF")


@pytest.mark.parametrize("content", [EPS, saved(DIGIT, "TIFF"), saved(DIGIT, "PCX")], ids=["EPS", "TIFF", "PCX"])
def test_other_formats_than_the_given_ones_are_not_opened(content: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("subprocess.check_call", lambda *arguments, **options: pytest.fail("ran a program"))
    assert str(read(content, OF_A_PAGE)).startswith("not an image")


def test_a_pdf_is_refused_in_words_where_only_images_are_read():
    assert read(PDF, OF_A_PAGE) == "a PDF, which is not read here: save its page as an image"


@pytest.mark.parametrize("content", [PNG, heic(DIGIT)], ids=["PNG", "HEIC"])
def test_the_given_formats_are_read(content: bytes):
    assert isinstance(read(content, OF_A_PAGE), list)


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 2), (30_000, 3), (3, 30_000)])
def test_an_odd_shape_is_read(size: tuple[int, int]):
    [page] = read(saved(Image.new("L", size, 255), "PNG"))
    assert page.shape == (*size[::-1], 3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_a_number_is_black(value: float):
    expected = read(saved(without(0, slice(0, 9)), "TIFF"))
    assert np.array_equal(read(saved(without(value, slice(0, 9)), "TIFF")), expected)


KINDS = ["GIF", "BMP", "TIFF", "WEBP", "QOI", "DDS"] + ["AVIF"] * features.check("avif")
WHOLE = [PNG, JPEG, PDF, heic(DIGIT), *(saved(DIGIT.convert("RGB"), kind) for kind in KINDS)]


@settings(max_examples=400)
@given(st.sampled_from(WHOLE), st.floats(0, 1), st.integers(0, 9), st.binary(max_size=4), st.booleans())
def test_any_damage_is_an_error_or_harmless(whole: bytes, place: float, removed: int, put: bytes, in_header: bool):
    at = int(place * (min(len(whole), 120) if in_header else len(whole)))
    read(whole[:at] + put + whole[at + removed :])


@given(st.binary(max_size=200))
def test_any_bytes_are_an_error(content: bytes):
    assert isinstance(read(content), str)


@given(
    st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "F", "I;16"]),
    st.integers(1, 90),
    st.integers(1, 90),
    st.binary(min_size=1, max_size=64),
)
def test_any_mode_and_pixels_are_read(mode: str, width: int, height: int, values: bytes):
    needed = len(Image.new(mode, (width, height)).tobytes())
    with np.errstate(all="ignore"):
        image = Image.frombytes(mode, (width, height), (values * needed)[:needed])
        [page] = read(saved(image, "JPEG" if mode == "YCbCr" else "TIFF"))
    assert page.shape == (height, width, 3)
