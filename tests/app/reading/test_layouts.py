import numpy as np
import pytest
from PIL import Image

from app.reading.layouts import Candidate, candidates
from tests.helpers.written import as_picture, sheet, write


def first(image: Image.Image) -> Candidate:
    return next(candidates(as_picture(image)))


def boxes(image: Image.Image) -> list[list[tuple[int, int, int, int]]]:
    return [[mark.box for mark in line] for line in first(image).layout.lines]


def test_digits_are_found_in_their_lines():
    assert [len(line) for line in boxes(sheet("4727", "358"))] == [4, 3]


@pytest.mark.parametrize("height", [20, 80, 700])
def test_boxes_are_in_pixels_of_the_picture_whatever_its_size(height: int):
    [[left, top, width, tall]] = [box for line in boxes(sheet("358", height=height)) for box in line[:1]]
    assert left == pytest.approx(height, abs=0.25 * height)
    assert top == pytest.approx(height, abs=0.2 * height)
    assert tall == pytest.approx(1.05 * height, abs=0.2 * height)
    assert width < tall


def test_small_digits_of_a_large_picture_are_looked_at_closely():
    page = Image.new("L", (4000, 3000), 235)
    write(page, "35", 2000, 1200, 40)
    [line] = boxes(page)
    assert [(round(left, -2), round(top, -2)) for left, top, *_ in line] == [(2000, 1200), (2100, 1200)]
    assert all(36 <= height <= 52 for *_, height in line)


def test_ink_is_dark_on_a_light_page_and_light_on_a_dark_one():
    page = sheet("47")
    assert first(page).expected
    assert first(Image.eval(page, lambda value: 255 - value)).expected


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_blank_picture_has_no_candidates(shade: int):
    assert list(candidates(np.full((120, 90, 3), shade, np.uint8))) == []
