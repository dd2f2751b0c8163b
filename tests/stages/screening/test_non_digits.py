import numpy as np
import pytest

from stages.artifacts.arrays import Digits
from stages.artifacts.images import SIDE
from stages.ingest.kaggle_csv import Table
from stages.screening import altered_digits, non_digits
from stages.screening.pen import draw


@pytest.fixture
def few(digits: Table) -> Digits:
    return Digits(digits.pixels[:200].reshape(-1, SIDE, SIDE), digits.labels[:200])


@pytest.mark.parametrize("kind", non_digits.KINDS)
def test_a_kind_is_the_same_for_a_seed_and_another_for_another(kind: str, few: Digits):
    def made(seed: int) -> np.ndarray:
        random = np.random.RandomState(seed)
        return np.stack([non_digits.make(kind, few, random) for _ in range(5)])

    images = made(1)
    assert images.dtype == np.uint8
    assert images.shape == (5, SIDE, SIDE)
    assert np.array_equal(images, made(1))
    assert not np.array_equal(images, made(2))
    assert (images.max(axis=(1, 2)) == 255).all()


def test_make_all_draws_every_kind_in_its_share(few: Digits, monkeypatch: pytest.MonkeyPatch):
    drawn = []
    monkeypatch.setattr(non_digits, "make", lambda kind, digits, random: drawn.append(kind) or np.zeros(1))
    non_digits.make_all(2000, few, np.random.RandomState(0))
    shares = {kind: drawn.count(kind) / 2000 for kind in non_digits.KINDS}
    assert shares == pytest.approx({kind: of_kind.share for kind, of_kind in non_digits.KINDS.items()}, abs=0.03)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(0.5, 0), (0.5, 1)], True),
        ([(0.7, 0), (0.3, 1)], True),  # leaning, as many a 1 is
        ([(0, 0.5), (1, 0.5)], False),  # a dash
        ([(0.2, 0), (0.2, 1), (0.8, 1)], False),  # an L
    ],
)
def test_an_upright_bar_is_left_out(points: list[tuple[float, float]], expected: bool):
    assert non_digits.is_bar(non_digits.form(draw([np.array(points)], 8))) == expected


@pytest.mark.parametrize("kind", ["turned", "piece"])
def test_from_zeros_or_ones_alone_a_kind_is_made_all_the_same(kind: str, few: Digits):
    label = {"turned": 0, "piece": 1}[kind]
    those = Digits(few.images[few.labels == label], few.labels[few.labels == label])
    image = non_digits.make(kind, those, np.random.RandomState(0))
    assert not non_digits.is_bar(image)


def test_no_zero_and_no_eight_is_turned(few: Digits):
    for label, is_turned in ((0, False), (8, False), (4, True)):
        those = Digits(few.images[few.labels == label], few.labels[few.labels == label])
        assert (altered_digits.turned(those, np.random.RandomState(0)) is not None) == is_turned


def test_a_piece_has_lost_much_of_its_digits_ink(few: Digits):
    ink = altered_digits.enlarged(few.images[0])
    one = Digits(few.images[:1], few.labels[:1])
    pieces = [altered_digits.piece(one, np.random.RandomState(seed)) for seed in range(40)]
    shares = [piece.sum() / ink.sum() for piece in pieces if piece is not None]
    assert 5 < len(shares) < 40
    assert 0.1 < min(shares) < max(shares) < 0.65
