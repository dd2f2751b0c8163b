import cv2
import numpy as np
import pytest

from app.reading.surfaces import surfaces, tilt
from tests.helpers.written import as_picture, sheet

PAGE = as_picture(sheet("47", "35", height=60))  # (300, 270, 3)


def on_desk(degrees: float, desk: int = 60) -> np.ndarray:
    """Return the page on a dark desk of 800x600 pixels, turned about the middle."""
    height, width = PAGE.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.2)
    matrix[:, 2] += (400 - width / 2, 300 - height / 2)
    return cv2.warpAffine(PAGE, matrix, (800, 600), borderValue=(desk,) * 3)


@pytest.mark.parametrize("degrees", [0, 6, -15])
def test_the_sheet_on_a_desk_comes_first_and_straight(degrees: float):
    picture = on_desk(degrees)
    sheet, *_ = surfaces(picture)
    assert sheet.is_part
    height, width = sheet.image.shape[:2]
    assert height / width == pytest.approx(300 / 270, rel=0.05)
    assert np.median(sheet.image[:10]) > 200
    assert np.median(sheet.image[-10:]) > 200
    assert sheet.share(picture) == pytest.approx(1.2**2 * 300 * 270 / (800 * 600), rel=0.5)


def test_a_long_strip_is_a_sheet_and_printed_boxes_are_none():
    strip = np.full((600, 800, 3), 60, np.uint8)
    strip[250:350, 200:600] = 235
    assert next(surfaces(strip)).is_part
    boxes = np.full((600, 800, 3), 235, np.uint8)
    for i in range(3):
        cv2.rectangle(boxes, (200 + 120 * i, 240), (320 + 120 * i, 360), (60, 60, 60), 5)
    assert [surface.is_part for surface in surfaces(boxes)] == [False]


def test_the_picture_itself_comes_last():
    picture = on_desk(6)
    *_, last = surfaces(picture)
    assert last.image is picture
    assert not last.is_part
    assert last.box((10, 20, 30, 40)) == pytest.approx((10, 20, 30, 40), abs=1)


def test_a_plain_page_is_the_only_surface():
    assert [surface.image is PAGE for surface in surfaces(PAGE)] == [True]


@pytest.mark.parametrize("degrees", [0, 6, -15])
def test_a_box_of_a_surface_is_where_it_is_in_the_picture(degrees: float):
    picture = on_desk(degrees)
    cv2.circle(picture, (400, 300), 6, (255, 0, 0), -1)
    for surface in surfaces(picture):
        red = np.argwhere((surface.image[..., 0] > 200) & (surface.image[..., 1] < 60))
        top, left = red.min(axis=0)
        left, top, width, height = surface.box((int(left), int(top), 2, 2))
        assert abs(left - 400) < 14
        assert abs(top - 300) < 14
        assert max(width, height) <= 5


@pytest.mark.parametrize("degrees", [-8, -2, 0, 3, 10])
def test_tilt_is_that_of_the_lines(degrees: float):
    page = np.full((500, 500, 3), 235, np.uint8)
    for y in range(-200, 700, 60):
        run = 600 * np.tan(np.radians(degrees))
        cv2.line(page, (-50, y), (550, round(y + run)), (120, 140, 190), 2)
    assert tilt(page) == pytest.approx(degrees, abs=0.7)


def test_a_page_without_lines_is_not_tilted():
    assert tilt(PAGE) == 0


@pytest.mark.parametrize("shade", [0, 255])
@pytest.mark.parametrize("size", [(1, 1), (2, 90), (300, 300)])
def test_a_blank_picture_is_a_surface(size: tuple[int, int], shade: int):
    picture = np.full((*size, 3), shade, np.uint8)
    assert [surface.image is picture for surface in surfaces(picture)] == [True]
