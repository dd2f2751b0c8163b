from itertools import pairwise

import numpy as np
import pytest

from app.reading.marks import Mark, find_marks, is_blob, written

SHAPE = (200, 300)


def mark(left: int, top: int, width: int, height: int, strength: float = 200) -> Mark:
    return Mark((left, top, width, height), np.ones((height, width), bool), np.full((height, width), strength, "f4"))


def ring(left: int, top: int, side: int) -> Mark:
    mask = np.ones((side, side), bool)
    mask[4:-4, 4:-4] = False
    return Mark((left, top, side, side), mask, np.where(mask, 200, 0).astype(np.float32))


def found(contrast: np.ndarray) -> list[tuple[int, int, int, int]]:
    return [mark.box for mark in find_marks(contrast, contrast > 20)]


def contrast_of(*marks: Mark) -> np.ndarray:
    page = np.zeros(SHAPE, np.float32)
    for one in marks:
        page[one.top : one.bottom, one.left : one.right] = np.where(one.mask, one.contrast, 0)
    return page


def test_find_marks_gives_the_tallest_first():
    assert found(contrast_of(mark(10, 10, 9, 40), mark(50, 20, 8, 90))) == [(50, 20, 8, 90), (10, 10, 9, 40)]


def test_find_marks_leaves_specks_out():
    assert found(contrast_of(mark(10, 10, 4, 4), mark(50, 20, 8, 90))) == [(50, 20, 8, 90)]


def test_find_marks_cuts_fainter_ink_off():
    assert found(contrast_of(mark(10, 50, 80, 30, 40), mark(50, 20, 8, 120, 240))) == [(50, 20, 8, 120)]


def test_a_mark_knows_its_sides_and_its_strokes():
    bar = mark(10, 20, 10, 90)
    assert (bar.right, bar.bottom, bar.strength) == (20, 110, 200)
    assert bar.stroke == pytest.approx(10, abs=2)
    assert bar.thickness == pytest.approx(10, abs=2)


def test_a_filled_shape_is_a_blob_and_a_ring_is_not():
    assert is_blob(mark(10, 10, 60, 60))
    assert not is_blob(ring(10, 10, 60))
    assert not is_blob(mark(10, 10, 10, 60))


def test_written_keeps_what_may_be_digits():
    marks = [mark(20, 40, 12, 80), ring(60, 40, 70)]
    assert written(marks, SHAPE) == marks


LEFT_OUT = {
    "along the edge": mark(0, 0, 8, 200),
    "a frame around the digit": ring(5, 5, 150),
    "faint": mark(200, 40, 12, 60, 40),
    "dust": mark(200, 100, 5, 5),
}


@pytest.mark.parametrize("other", LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_written_leaves_out(other: Mark):
    digit = mark(60, 40, 12, 80)
    assert written([digit, other], SHAPE) == [digit]


def test_written_leaves_out_what_reaches_in_from_the_edge_above_the_digits():
    digit = mark(60, 90, 12, 80)
    assert written([digit, mark(150, 0, 12, 30)], SHAPE) == [digit]


def test_written_keeps_a_digit_at_the_edge_level_with_the_others_and_one_beside_dust():
    digit, at_edge = mark(60, 30, 12, 80), mark(100, 0, 12, 110)
    assert written([digit, at_edge], SHAPE) == [digit, at_edge]
    dust = mark(200, 50, 7, 7)
    assert at_edge in written([at_edge, dust], SHAPE)


def test_written_keeps_a_digit_that_touches_the_edge():
    digit = mark(60, 0, 12, 80)
    assert written([digit], SHAPE) == [digit]


def test_written_compares_strengths_with_small_marks_on_demand():
    tall, small = mark(60, 20, 12, 120, 40), mark(200, 40, 12, 40, 240)
    assert written([tall, small], SHAPE) == [tall, small]
    assert written([tall, small], SHAPE, any_size=True) == [small]


def test_written_of_nothing_is_nothing():
    assert written([], SHAPE) == []


def test_find_marks_stops_at_a_texture():
    page = np.zeros(SHAPE, np.float32)
    page[::8, ::8] = page[1::8, ::8] = page[2::8, ::8] = page[3::8, ::8] = page[4::8, ::8] = page[5::8, ::8] = 200
    page = np.repeat(page, 2, axis=1)
    heights = [mark.height for mark in find_marks(page, page > 20)]
    assert len(heights) <= 120
    assert all(a >= b for a, b in pairwise(heights))
