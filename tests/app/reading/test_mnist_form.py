import numpy as np
import pytest

from app.reading.marks import Mark, find_marks
from app.reading.mnist_form import mnist_form
from benchmarks.strokes import image as draw
from stages.ingest.kaggle_csv import Table


def of_ink(ink: np.ndarray) -> Mark:
    """Return the only mark of (h, w) uint8 ink, 255 on 0."""
    [mark] = find_marks(ink.astype(np.float32), ink > 60)
    return mark


def drawn(digit: int, side: int = 200) -> np.ndarray:
    return 255 - np.asarray(draw(digit, side))


def test_ink_is_sized_and_centred_as_mnists():
    pixels = mnist_form(of_ink(np.pad(drawn(2), ((60, 0), (0, 90)))))
    assert pixels.shape == (28, 28)
    assert pixels.dtype == np.uint8
    assert pixels.max() == 255
    rows = np.flatnonzero((pixels > 60).any(axis=1))
    assert 19 <= np.ptp(rows) + 1 <= 20
    for axis in (0, 1):
        mass = pixels.sum(axis=1 - axis, dtype=float)
        assert 13.5 <= (np.arange(28) * mass).sum() / mass.sum() <= 14.5


def test_mnists_form_stays(digits: Table):
    once = [mnist_form(of_ink(drawn(digit))) for digit in range(10)]
    again = [mnist_form(of_ink(image)) for image in once]
    assert np.abs(np.array(again, int) - once).mean() < 4


@pytest.mark.parametrize("digit", range(10))
def test_size_does_not_matter(digit: int):
    large, small = (mnist_form(of_ink(drawn(digit, side))).astype(int) for side in (600, 150))
    assert np.abs(large - small).mean() < 12  # a whole shift may differ by one pixel


def test_faint_ink_is_as_bright_as_strong_ink():
    strong, faint = (mnist_form(of_ink((drawn(3) * share).astype(np.uint8))) for share in (1.0, 0.3))
    assert np.abs(strong.astype(int) - faint).mean() < 3


def test_a_hairline_is_drawn_as_thick_as_a_pens():
    ink = np.zeros((300, 300), np.uint8)
    ink[30:270, 150:152] = 255
    assert 1.5 <= (mnist_form(of_ink(ink))[14] / 255).sum() <= 3.5


def test_other_ink_within_the_box_is_left_out():
    ink = np.zeros((200, 200), np.uint8)
    ink[20:180, 20:40] = ink[160:180, 20:180] = 255  # an L
    alone = mnist_form(of_ink(ink))
    ink[40:100, 100:110] = 255  # something within its box
    [mark] = [mark for mark in find_marks(ink.astype(np.float32), ink > 60) if mark.height > 100]
    assert np.array_equal(mnist_form(mark), alone)


@pytest.mark.parametrize("size", [(1, 40), (40, 1), (8, 8)])
def test_marks_of_any_shape_have_a_form(size: tuple[int, int]):
    mark = Mark((0, 0, *size[::-1]), np.ones(size, bool), np.full(size, 200, np.float32))
    assert mnist_form(mark).max() == 255
