"""Precision and F1 as the gate measures them; the other measures are in test_verdict.py."""

from itertools import product

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score

from checks.gate.comparability import Pair
from checks.gate.measures import measure
from checks.gate.results import Results

SCORES = {"precision": precision_score, "f1": f1_score}


def results(actual: np.ndarray, predicted: np.ndarray) -> Results:
    return Results("test", {}, actual.astype(np.uint8), predicted.astype(np.uint8), np.zeros(len(actual), np.int64))


def pair_of(images: int, seed: int, worse: float = 0.0) -> Pair:
    """Two networks with 20 % of mistakes each; head makes more by `worse`."""
    random = np.random.default_rng(seed)
    actual = random.integers(0, 3, images)
    sides = [
        np.where(random.random(images) < share, random.integers(0, 3, images), actual) for share in (0.3, 0.3 + worse)
    ]
    return Pair(*(results(actual, predicted) for predicted in sides))


@pytest.mark.parametrize("kind", SCORES)
def test_values_are_those_of_scikit_learn(kind: str):
    pair = pair_of(300, seed=0)
    measured = measure(pair, f"{kind}.2")
    for value, side in zip((measured.base, measured.head), pair, strict=True):
        assert value == pytest.approx(SCORES[kind](side.actual, side.predicted, labels=[2], average=None)[0])


@pytest.mark.parametrize("kind", SCORES)
def test_p_is_that_of_all_swaps_of_results(kind: str):
    pair = pair_of(10, seed=3, worse=0.3)
    actual, base, head = pair.base.actual, pair.base.predicted, pair.head.predicted

    def drop(swap: tuple[bool, ...]) -> float:
        sides = np.where(swap, head, base), np.where(swap, base, head)
        before, after = (SCORES[kind](actual, side, labels=[1], average=None, zero_division=0)[0] for side in sides)
        return before - after

    observed = drop((False,) * 10)
    exact = np.mean([drop(swap) >= observed - 1e-9 for swap in product([False, True], repeat=10)])
    assert 0.05 < exact < 0.95
    assert measure(pair, f"{kind}.1").p == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("kind", SCORES)
def test_interval_covers_the_truth(kind: str):
    """Two networks that are as good: the difference is 0."""
    intervals = [measure(pair_of(400, seed), f"{kind}.0").interval for seed in range(300)]
    assert 0.91 < np.mean([low <= 0 <= high for low, high in intervals]) < 0.98


def test_a_digit_that_is_never_predicted_has_a_precision_of_zero():
    actual = np.array([1, 1, 2, 2])
    measured = measure(Pair(results(actual, actual), results(actual, np.ones(4))), "precision.2")
    assert (measured.base, measured.head) == (1, 0)
    assert measured.p == pytest.approx(0.25, abs=0.02)


def test_equal_networks_have_no_difference():
    pair = pair_of(50, seed=0)
    measured = measure(Pair(pair.base, pair.base), "f1.1")
    assert (measured.interval, measured.p) == ((0, 0), 1)
