import numpy as np
import pytest

from app.reading.rulings import without_rulings
from benchmarks.strokes import image as draw

SIDE = 400


def digit(number: int = 3, side: int = 120) -> np.ndarray:
    """(400, 400) bool: a digit in the middle."""
    margin = (SIDE - side) // 2
    return np.pad(np.asarray(draw(number, side)) < 128, margin)


def paper(level: int = 0, upright: int = 0, thickness: int = 2) -> np.ndarray:
    """(400, 400) bool: lines as far apart as told."""
    lines = np.zeros((SIDE, SIDE), bool)
    for start in range(thickness):
        if level:
            lines[level // 2 + start :: level] = True
        if upright:
            lines[:, upright // 2 + start :: upright] = True
    return lines


PAPERS = {
    "blank": paper(),
    "lined": paper(level=90),
    "squared": paper(level=50, upright=50),
    "with a margin": paper(upright=500),
    "thick lines": paper(level=190, thickness=6),
}


@pytest.mark.parametrize("lines", PAPERS.values(), ids=PAPERS.keys())
def test_lines_go_and_the_digit_stays(lines: np.ndarray):
    found = without_rulings(digit() | lines)
    assert not (found & lines & ~digit()).sum() > 0.1 * max(1, lines.sum())
    assert (found & digit()).sum() > 0.93 * digit().sum()


def test_ink_that_crosses_a_line_stays_whole():
    lines = np.zeros((SIDE, SIDE), bool)
    lines[198:201] = True
    upright = np.zeros((SIDE, SIDE), bool)
    upright[150:250, 200:212] = True
    assert (without_rulings(lines | upright) & upright).sum() == upright.sum()


def test_ink_without_lines_is_as_it_was():
    assert np.array_equal(without_rulings(digit()), digit())


def test_the_short_walls_of_form_fields_go_with_their_lines():
    form = np.zeros((SIDE, SIDE), bool)
    form[150:153, 20:380] = form[250:253, 20:380] = True
    for left in range(20, 381, 90):
        form[150:253, left : left + 3] = True
    found = without_rulings(form)
    assert found.sum() < 0.05 * form.sum()
