import numpy as np
import pytest

from benchmarks import non_digit_drawings as drawings
from benchmarks import non_digits
from stages.ingest.kaggle_csv import Table


def test_passed_compares_each_network_with_its_threshold_and_the_screen_with_half():
    scores = np.array([[0.9, 0.8, 0.7, 0.6], [0.1, 0.5, 0.9, 1.0]])
    assert non_digits.passed(scores, np.array([0.8, 0.95])) == [0.5, 0.25, 0.75]


def test_a_half_is_one_of_the_four(digits: Table):
    digit = digits.pixels[0].reshape(28, 28)
    random = np.random.RandomState(0)
    whole = drawings.enlarged(digit, 4)
    halves = [drawings.half(digit, random) for _ in range(30)]
    assert len({half.shape for half in halves}) > 2
    assert all(0 < half.sum() < whole.sum() for half in halves)


def test_letters_are_of_three_kinds():
    pytest.importorskip("cv2")
    letters = drawings.letters(np.random.RandomState(0))
    assert {kind: len(inks) > 100 for kind, inks in letters.items()} == {
        "letters written, unlike digits": True,
        "letters printed, unlike digits": True,
        "letters like digits": True,
    }
    assert all(ink.any() for inks in letters.values() for ink in inks)


def test_what_has_no_ink_is_left_out():
    blank, dot = np.zeros((20, 20), np.uint8), np.eye(20, dtype=np.uint8) * 255
    assert non_digits.as_input(iter([blank, dot])).shape == (1, 28, 28)
