"""Any file in place of an image: 28x28 pixels, or an error of one line."""

import io
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.image_files import read_pixels
from app.ink import to_pixels
from benchmarks.strokes import image as draw
from stages.artifacts.errors import PipelineError

DIGIT = draw(3, 60)
FLOATS = np.asarray(DIGIT, np.float32)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def read(content: bytes) -> np.ndarray | str:
    """Return the pixels, or the error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pixels = read_pixels(io.BytesIO(content))
        except PipelineError as error:
            return str(error)
    assert pixels.shape == (28, 28) and pixels.dtype == np.uint8 and pixels.max() == 255
    return pixels


def without(value: float, row: slice) -> Image.Image:
    values = FLOATS.copy()
    values[row] = value
    return Image.fromarray(values)


def rotated_by_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to see it
    return saved(DIGIT.rotate(90), "PNG", exif=exif)


AS_GOOD = {
    "palette": lambda: saved(DIGIT.convert("P"), "PNG"),
    "palette with a transparent colour": lambda: saved(DIGIT.convert("P"), "PNG", transparency=255),
    "palette with transparent colours": lambda: saved(
        DIGIT.convert("P"), "PNG", transparency=b"\xff" * 200 + b"\0" * 56
    ),
    "CMYK": lambda: saved(DIGIT.convert("CMYK"), "TIFF"),
    "16 bits": lambda: saved(Image.fromarray(np.asarray(DIGIT, np.uint16) * 257), "PNG"),
    "32 bits": lambda: saved(Image.fromarray(np.asarray(DIGIT, np.int32) * 65537), "TIFF"),
    "floats": lambda: saved(Image.fromarray(FLOATS), "TIFF"),
    "animated GIF": lambda: saved(DIGIT, "GIF", save_all=True, append_images=[draw(5, 60)]),
    "animated PNG": lambda: saved(DIGIT, "PNG", save_all=True, append_images=[draw(5, 60)]),
    "rotated by EXIF": rotated_by_exif,
}


@pytest.mark.parametrize("content", AS_GOOD.values(), ids=AS_GOOD.keys())
def test_an_unusual_image_gives_the_pixels_of_the_plain_one(content: Callable[[], bytes]):
    found, expected = read(content()), to_pixels(DIGIT)
    assert not isinstance(found, str)
    assert np.abs(found.astype(int) - expected).max() <= 2


JPEG, PNG = saved(DIGIT, "JPEG"), saved(DIGIT, "PNG")
REFUSED = {
    "nothing": (b"", "not an image"),
    "text": (b"label,pixel0\n", "not an image"),
    "a cut PNG": (PNG[: len(PNG) // 2], "damaged image"),
    "a cut JPEG": (JPEG[: len(JPEG) // 2], "damaged image"),
    "one pixel": (saved(Image.new("L", (1, 1)), "PNG"), "no ink"),
    "all transparent": (saved(Image.new("RGBA", (9, 9)), "PNG"), "no ink"),
    "no number at all": (saved(without(np.nan, slice(None)), "TIFF"), "no ink"),
    "too many pixels": (saved(Image.new("1", (10_000, 9_000)), "PNG"), "too large: 10000 x 9000 pixels"),
    "far too many pixels": (saved(Image.new("1", (20_000, 20_000)), "PNG"), "too large"),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_image_of_a_digit_says_why(content: bytes, message: str):
    assert str(read(content)).startswith(message)


@pytest.mark.parametrize("size", [(2, 1), (1, 2), (30_000, 3), (3, 30_000)])
def test_an_odd_shape_is_read(size: tuple[int, int]):
    image = Image.new("L", size, 255)
    image.paste(0, (0, 0, max(1, size[0] // 2), max(1, size[1] // 2)))
    assert not isinstance(read(saved(image, "PNG")), str)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_no_ink(value: float):
    expected = read(saved(without(0, slice(0, 9)), "TIFF"))
    assert np.array_equal(read(saved(without(value, slice(0, 9)), "TIFF")), expected)


WHOLE = [
    PNG,
    JPEG,
    *(saved(DIGIT.convert("RGB"), kind) for kind in ("GIF", "BMP", "TIFF", "WEBP", "AVIF", "QOI", "DDS")),
]


@settings(max_examples=400)
@given(st.sampled_from(WHOLE), st.floats(0, 1), st.integers(0, 9), st.binary(max_size=4), st.booleans())
def test_any_damage_is_an_error_or_harmless(whole: bytes, place: float, removed: int, put: bytes, in_header: bool):
    at = int(place * (min(len(whole), 120) if in_header else len(whole)))
    read(whole[:at] + put + whole[at + removed :])


@given(st.binary(max_size=200))
def test_any_bytes_are_an_error(content: bytes):
    assert isinstance(read(content), str)


@given(
    st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "I;16"]),
    st.integers(1, 90),
    st.integers(1, 90),
    st.binary(min_size=1, max_size=64),
)
def test_any_pixels_are_a_digit_or_blank(mode: str, width: int, height: int, values: bytes):
    """Without the net that `read_pixels` is: no mode, size or value may lead the preparation into a bug."""
    needed = len(Image.new(mode, (width, height)).tobytes())
    with np.errstate(all="ignore"):
        image = Image.frombytes(mode, (width, height), (values * needed)[:needed])
        try:
            pixels = to_pixels(image)
        except PipelineError:
            assume(False)
    assert pixels.shape == (28, 28) and pixels.max() == 255


@pytest.mark.parametrize("width", [1, 2, 9, 70])
@pytest.mark.parametrize("height", [1, 2, 9, 70])
def test_a_line_or_a_box_of_any_size_is_read(width: int, height: int):
    image = Image.new("L", (100, 100), 255)
    image.paste(0, (9, 9, 9 + width, 9 + height))
    assert to_pixels(image).max() == 255
