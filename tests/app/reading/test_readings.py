"""What a reading makes of the probabilities of its digits."""

import numpy as np
import pytest

from app.reading.reader import Digit, Reading


def digit(*probabilities: float, likeness: float = 1) -> Digit:
    row = np.zeros(10, np.float32)
    row[: len(probabilities)] = probabilities
    return Digit((0, 0, 9, 9), np.zeros((28, 28), np.uint8), row, likeness)


def test_the_probability_of_a_number_is_the_product():
    reading = Reading([[digit(0.9, 0.1), digit(0.05, 0.95)], [digit(0, 0.2, 0.8)]], (9, 9), None)
    assert reading.number == "01 2"
    assert reading.probability == pytest.approx(0.9 * 0.95 * 0.8)


def test_the_most_likely_numbers_come_first():
    reading = Reading([[digit(0.9, 0.1), digit(0.3, 0.7)], [digit(0, 0, 1)]], (9, 9), None)
    numbers, probabilities = zip(*reading.most_likely(4), strict=True)
    assert numbers == ("01 2", "00 2", "11 2", "10 2")
    assert probabilities == pytest.approx((0.63, 0.27, 0.07, 0.03))


def test_the_most_likely_of_many_digits_are_as_many_as_asked_for():
    reading = Reading([[digit(0.6, 0.4)] * 12], (9, 9), None)
    found = reading.most_likely(10)
    assert len(found) == len({number for number, _ in found}) == 10
    assert found[0][0] == "0" * 12
    assert all(number.count("1") <= 1 for number, _ in found)


DOUBTS = {
    "sure": (digit(0.95, 0.05), None),
    "between two": (digit(0.4, 0.48, 0.12), "unsure: 1 or 0"),
    "unlike a digit": (digit(0.99, 0.01, likeness=0.4), "no digit found: what is written does not look like one"),
}


@pytest.mark.parametrize(("doubtful", "doubt"), DOUBTS.values(), ids=DOUBTS.keys())
def test_a_number_with_a_doubtful_digit_is_in_doubt(doubtful: Digit, doubt: str | None):
    assert Reading([[digit(1)], [doubtful]], (9, 9), None).doubt == doubt


@pytest.mark.parametrize(
    ("clear", "doubtful", "likeness", "is_believed"),
    [(2, 1, 0.2, True), (1, 1, 0.2, False), (3, 2, 0.2, False), (4, 2, 0.2, True), (7, 1, 0.05, False)],
)
def test_two_clear_digits_beside_one_make_up_for_its_looks(
    clear: int, doubtful: int, likeness: float, is_believed: bool
):
    reading = Reading([[digit(1)] * clear + [digit(1, likeness=likeness)] * doubtful], (9, 9), None)
    assert (reading.doubt is None) == is_believed
