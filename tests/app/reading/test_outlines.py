import cv2
import numpy as np
import pytest

from app.reading.marks import Box, Mark
from app.reading.outlines import has_outline

SHAPE = (200, 300)


def shadow() -> np.ndarray:
    """Return a page whose right half is dark."""
    page = np.full(SHAPE, 220, np.uint8)
    page[:, 150:] = 110
    return page


def ink(page: np.ndarray, left: int, top: int, width: int, height: int) -> Mark:
    """Darken a bar of a page; return the mark."""
    here = (slice(top, top + height), slice(left, left + width))
    page[here] -= 80
    return as_mark(left, top, width, height)


def as_mark(left: int, top: int, width: int, height: int) -> Mark:
    return Mark((left, top, width, height), np.ones((height, width), bool), np.full((height, width), 80, np.float32))


BARS = {
    "in the light": (60, 50, 12, 100),
    "in shadow": (200, 50, 12, 100),
    "across": (100, 90, 100, 12),
    "at the edge": (0, 50, 12, 100),
}


@pytest.mark.parametrize("bar", BARS.values(), ids=BARS.keys())
@pytest.mark.parametrize("light_ink", [False, True])
def test_ink_has_an_outline_in_light_and_in_shadow(bar: Box, light_ink: bool):
    page = shadow()
    mark = ink(page, *bar)
    assert has_outline(mark, 255 - page if light_ink else page, light_ink)
    assert not has_outline(mark, page if light_ink else 255 - page, light_ink)


def test_ink_out_of_focus_has_one():
    page = shadow()
    mark = ink(page, 60, 50, 12, 100)
    assert has_outline(mark, cv2.GaussianBlur(page, (0, 0), 3), False)


def test_the_bulge_of_a_shadow_has_none():
    assert not has_outline(as_mark(150, 50, 20, 100), shadow(), False)
