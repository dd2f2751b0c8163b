import numpy as np
import pandas as pd

from stages import screen
from stages.artifacts.arrays import Digits
from stages.screening import non_digits
from stages.screening.examples import sample


def test_passed_is_the_share_at_half_or_more():
    table = screen.passed({"digit": np.array([0.5, 0.9, 0.4, 1]), "letter": np.array([0.1, 0.2])})
    pd.testing.assert_frame_equal(table, pd.DataFrame({"kind": ["digit", "letter"], "passed": [0.75, 0.0]}))


def test_what_is_held_out_is_labelled(subsets: tuple[Digits, Digits], monkeypatch):
    monkeypatch.setattr(screen, "_OF_EACH_KIND", 2)
    digits = sample(subsets[1], 3, seed=1)
    made = screen.made_up(digits, seed=1)
    assert list(made) == list(non_digits.KINDS)
    found = screen.held_out({"digit": digits.images} | made)
    assert found.labels.tolist() == [1] * 3 + [0] * 2 * len(non_digits.KINDS)
    assert np.array_equal(found.images[:3], digits.images.astype(np.float32) / 255)
    assert found.images[3:].max() == 1
