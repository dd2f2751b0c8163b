"""From marks to digits: parts of one digit joined, in lines from top to bottom and from left to right."""

from typing import NamedTuple

import numpy as np

from app.reading.marks import Mark, is_blob

_NEAR = 0.12  # of the taller of two marks: parts of one digit are as near as this
_PART, _CLOSE_PART = 0.55, 0.7  # of the taller: the height of a part, and of one that reaches into its box
_TALLER = 1.25  # times the taller of two parts: the height of both; side by side they are small digits
_CHAIN = 4  # parts or more that reach far: the holes of a notebook, or dots
_STACKED_GAP = 0.2  # of the taller
_LEAST_HEIGHT = 0.4  # of the tallest digit of its line, and of a line of the tallest one: less is small print
_BAR = 0.25  # of its height: the width of an upright bar
_OF_BOX = 1.4  # times the tallest other mark of its line: the height of the side of a box
_FLAT, _SOLID = 3.0, 0.6  # width over height, and share of its hull: what is flatter and fuller is a dash
_POINT = 0.3  # of a digit's height: the size of a point, at most
_COMMA = 0.55  # of a digit's height: the height of a comma, at most
_MINUS = (0.2, 1.2)  # of a digit's height: the width of a minus
_SAME_LINE = 0.4  # of the lower of two heights: digits of a line overlap as much


class Layout(NamedTuple):
    """What is written on a surface."""

    lines: list[list[Mark]]  # digits, from top to bottom and from left to right; no line is empty
    sign: str | None  # what is written beside the digits and is none, such as "a minus"

    @property
    def digits(self) -> list[Mark]:
        return [digit for line in self.lines for digit in line]


def arrange(marks: list[Mark]) -> Layout:
    """Join the parts of each digit, leave out what is too small or too flat to be one, and put them in lines."""
    marks = [mark for mark in marks if not _is_under(mark, marks)]
    digits = [mark for mark in _joined(marks) if not is_blob(mark) and not _is_flat(mark)]
    tallest = max((mark.height for mark in digits), default=0)
    lines = []
    for line in _in_lines([mark for mark in digits if mark.height >= _LEAST_HEIGHT**2 * tallest]):
        highest = max(mark.height for mark in line)
        if highest >= _LEAST_HEIGHT * tallest:
            lines.append(_without_dividers([mark for mark in line if mark.height >= _LEAST_HEIGHT * highest]))
    # Points were left out as blobs, so all marks are asked.
    return Layout(lines, next((sign for line in lines for mark in marks if (sign := _sign(mark, line))), None))


def _is_under(mark: Mark, marks: list[Mark]) -> bool:
    """Tell whether a mark reaches below two taller ones that are next to each other: the foot of a form's field."""
    above = [m for m in marks if m.height > mark.height and mark.left <= m.left and m.right <= mark.right]
    return any(a.right < b.left for a in above for b in above)


def _without_dividers(line: list[Mark]) -> list[Mark]:
    """Leave out upright bars that are taller than at least two other marks: the sides of a form's boxes."""
    others = [mark.height for mark in line if mark.width > _BAR * mark.height]
    if len(others) < 2:
        return line
    return [mark for mark in line if mark.width > _BAR * mark.height or mark.height < _OF_BOX * max(others)]


def _in_lines(digits: list[Mark]) -> list[list[Mark]]:
    lines: list[list[Mark]] = []
    for digit in sorted(digits, key=lambda mark: mark.top + mark.height / 2):
        for line in lines:
            top, bottom = (float(np.mean([getattr(mark, side) for mark in line])) for side in ("top", "bottom"))
            if min(bottom, digit.bottom) - max(top, digit.top) > _SAME_LINE * min(bottom - top, digit.height):
                line.append(digit)
                break
        else:
            lines.append([digit])
    return [sorted(line, key=lambda mark: mark.left) for line in lines]


def _is_flat(mark: Mark) -> bool:
    return mark.width > _FLAT * mark.height and mark.solidity > _SOLID


def _joined(marks: list[Mark]) -> list[Mark]:
    groups = list(range(len(marks)))
    tallest = max((mark.height for mark in marks), default=0)
    for i, mark in enumerate(marks):
        for j, other in enumerate(marks[:i]):
            if groups[i] != groups[j] and _are_parts(mark, other, tallest):
                groups = [groups[j] if group == groups[i] else group for group in groups]
    parts = [[mark for mark, of in zip(marks, groups, strict=True) if of == group] for group in sorted(set(groups))]
    return [mark for of_digit in parts if (mark := _merged(of_digit)).height <= 2 * tallest or len(of_digit) < _CHAIN]


def _are_parts(a: Mark, b: Mark, tallest: int) -> bool:
    """Tell whether two marks are parts of one digit: one above the other, or a small one next to a tall one.

    Two small ones beside the tallest mark are two of the parts of a broken digit.
    """
    tall, short = (a, b) if a.height >= b.height else (b, a)
    size = max(tall.height, 0.8 * tall.width)
    gap_x = max(tall.left, short.left) - min(tall.right, short.right)
    gap_y = max(tall.top, short.top) - min(tall.bottom, short.bottom)
    if _is_flat(short) and short.top >= tall.bottom - 0.1 * size:  # an underline
        return False
    if -gap_x >= 0.5 * min(tall.width, short.width) and gap_y <= _STACKED_GAP * size:
        are_halves = max(tall.height / tall.width, short.height / short.width) <= 1
        return (
            gap_y <= (0.1 if are_halves else 0.05) * size
            or short.height <= 0.6 * tall.height
            or min(a.width, b.width) <= 0.3 * size
        )
    if tall.height < _PART * tallest:
        height = max(a.bottom, b.bottom) - min(a.top, b.top)
        return max(gap_x, gap_y) <= _NEAR * tallest and height > _TALLER * tall.height
    is_near = max(gap_x, gap_y) <= _NEAR * tall.height
    part = _CLOSE_PART if gap_x < 0 and gap_y < 0 else _PART
    return is_near and short.height < part * tall.height and not _is_point(short, tall)


def _sign(mark: Mark, line: list[Mark]) -> str | None:
    """Return what a mark is, if it is a sign that changes the number on a line."""
    if any(_is_within(mark, digit) for digit in line):
        return None  # a part of a digit
    if any(_is_point(mark, digit) for digit in line):
        return "a point"
    first = line[0]
    gap, middle = first.left - mark.right, mark.top + mark.height / 2 - first.top
    is_dash = mark.width > 1.8 * mark.height and _MINUS[0] * first.height < mark.width < _MINUS[1] * first.height
    is_before = -0.1 * first.height <= gap < first.height and 0.25 * first.height < middle < 0.8 * first.height
    return "a minus" if is_dash and is_before else None


def _is_within(mark: Mark, digit: Mark) -> bool:
    is_across = digit.left <= mark.left and mark.right <= digit.right
    return is_across and digit.top <= mark.bottom and mark.top <= digit.bottom


def _is_point(mark: Mark, digit: Mark) -> bool:
    """Tell whether a mark is a decimal point or a comma beside a digit: at its foot, and as thick as its strokes."""
    is_point = 0.6 * digit.stroke < max(mark.width, mark.height) < _POINT * digit.height
    is_comma = mark.width < _POINT * digit.height and mark.height < _COMMA * digit.height
    highest, foot = digit.top + (0.6 if is_point else 0.65) * digit.height, 0.2 * digit.height
    is_low = highest < mark.top < digit.bottom + foot and mark.bottom > digit.bottom - foot
    gap = max(mark.left - digit.right, digit.left - mark.right)
    is_beside = -0.1 * digit.width <= gap < 0.6 * digit.height
    is_as_dark = mark.stroke > 0.3 * digit.stroke and mark.strength > 0.65 * digit.strength
    return (is_point or is_comma) and not _is_flat(mark) and is_low and is_beside and is_as_dark


def _merged(marks: list[Mark]) -> Mark:
    if len(marks) == 1:
        return marks[0]
    left, top = min(mark.left for mark in marks), min(mark.top for mark in marks)
    width, height = max(mark.right for mark in marks) - left, max(mark.bottom for mark in marks) - top
    mask, contrast = np.zeros((height, width), bool), np.zeros((height, width), np.float32)
    for mark in marks:
        here = (slice(mark.top - top, mark.bottom - top), slice(mark.left - left, mark.right - left))
        mask[here] |= mark.mask
        contrast[here] = np.maximum(contrast[here], mark.contrast * mark.mask)
    return Mark((left, top, width, height), mask, contrast)
