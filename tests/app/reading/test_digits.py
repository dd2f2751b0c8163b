from dataclasses import replace

import numpy as np
import pytest

from app.reading.digits import arrange
from app.reading.marks import Mark


def stroke(left: int, top: int, width: int, height: int) -> Mark:
    """Return a mark of ink along the outline of its box, 6 pixels thick."""
    mask = np.ones((height, width), bool)
    mask[6:-6, 6:-6] = False
    return Mark((left, top, width, height), mask, np.where(mask, 200, 0).astype(np.float32))


def boxes(marks: list[Mark]) -> list[list[tuple[int, int, int, int]]]:
    return [[mark.box for mark in line] for line in arrange(marks).lines]


def test_digits_are_in_lines_from_top_to_bottom_and_from_left_to_right():
    marks = [stroke(200, 205, 50, 80), stroke(100, 20, 50, 80), stroke(20, 200, 50, 80), stroke(20, 25, 50, 75)]
    assert boxes(marks) == [[marks[3].box, marks[1].box], [marks[2].box, marks[0].box]]


def test_a_line_may_rise_as_somebody_writes():
    marks = [stroke(20 + 70 * i, 60 - 12 * i, 50, 80) for i in range(4)]
    assert boxes(marks) == [[mark.box for mark in marks]]


def test_the_roof_of_a_5_is_a_part_of_it():
    body, roof = stroke(20, 40, 50, 80), stroke(40, 22, 34, 12)
    assert boxes([body, roof]) == [[(20, 22, 54, 98)]]


def test_a_merged_digit_has_the_ink_of_its_parts():
    body, roof = stroke(20, 40, 50, 80), stroke(40, 22, 34, 12)
    [digit] = arrange([body, roof]).digits
    assert digit.mask.sum() == body.mask.sum() + roof.mask.sum()
    assert digit.mask.shape == (98, 54)


def test_small_digits_below_tall_ones_are_not_joined():
    small = [stroke(20, 200, 20, 40), stroke(44, 200, 20, 40)]
    assert [len(line) for line in boxes([stroke(20, 20, 50, 100), *small])] == [1, 2]


def bar(left: int, top: int, width: int, height: int) -> Mark:
    return Mark((left, top, width, height), np.ones((height, width), bool), np.full((height, width), 200, np.float32))


def test_the_sides_of_boxes_are_left_out_and_a_1_is_not():
    digits = [stroke(20, 40, 50, 80), bar(90, 40, 10, 84), stroke(120, 44, 50, 80)]
    assert boxes([*digits, bar(75, 20, 6, 120)]) == [[digit.box for digit in digits]]
    assert [len(line) for line in boxes([digits[0], bar(75, 20, 6, 120)])] == [2]


def test_the_foot_of_a_field_is_left_out():
    digits = [stroke(20, 20, 50, 80), stroke(100, 20, 50, 80)]
    foot = Mark((10, 90, 150, 30), np.eye(30, 150, dtype=bool), np.eye(30, 150, dtype=np.float32))
    assert boxes([*digits, foot]) == [[digit.box for digit in digits]]


def test_two_tall_marks_side_by_side_are_two_digits():
    assert [len(line) for line in boxes([stroke(20, 40, 50, 80), stroke(76, 40, 50, 80)])] == [2]


def test_small_print_is_left_out():
    digit = stroke(20, 40, 60, 120)
    assert boxes([digit, stroke(200, 40, 20, 30)]) == [[digit.box]]


def test_an_underline_is_left_out():
    digit = stroke(20, 40, 60, 100)
    layout = arrange([digit, stroke(10, 150, 90, 12)])
    assert [mark.box for mark in layout.digits] == [digit.box]
    assert layout.sign is None


def faint(mark: Mark) -> Mark:
    return replace(mark, contrast=mark.contrast / 2)


SIGNS = {
    "a point": (stroke(78, 112, 9, 9), "a point"),
    "a comma": (stroke(78, 106, 9, 24), "a point"),
    "a minus": (stroke(-50, 72, 40, 12), "a minus"),
}


@pytest.mark.parametrize(("mark", "sign"), SIGNS.values(), ids=SIGNS.keys())
def test_a_sign_beside_digits_is_none_of_them(mark: Mark, sign: str):
    digits = [stroke(20, 40, 50, 80), stroke(100, 40, 50, 80)]
    layout = arrange([*digits, mark])
    assert [digit.box for digit in layout.digits] == [digit.box for digit in digits]
    assert layout.sign == sign


NOT_SIGNS = {
    "a dash high above": stroke(-50, 20, 40, 12),
    "a dash far away": stroke(-300, 72, 40, 12),
    "a dot far away": stroke(400, 112, 9, 9),
    "a dot far below": stroke(78, 190, 9, 9),
    "a faint dot": faint(stroke(78, 112, 9, 9)),
    "a foot": bar(74, 114, 24, 7),
}


@pytest.mark.parametrize("mark", NOT_SIGNS.values(), ids=NOT_SIGNS.keys())
def test_what_does_not_belong_to_the_number_is_not_a_sign(mark: Mark):
    assert arrange([stroke(20, 40, 50, 80), stroke(100, 40, 50, 80), mark]).sign is None


def test_a_blob_is_not_a_digit():
    blob = Mark((20, 40, 80, 80), np.ones((80, 80), bool), np.full((80, 80), 200, np.float32))
    assert arrange([blob]).lines == []


def test_nothing_has_no_lines():
    layout = arrange([])
    assert (layout.lines, layout.sign, layout.digits) == ([], None, [])
