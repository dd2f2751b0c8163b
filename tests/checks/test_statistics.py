import math

import numpy as np
import pytest
from scipy import stats

from checks.gate.statistics import (
    Discordance,
    difference_interval,
    discordance,
    holm,
    mcnemar,
    mean_interval,
    sign_flip,
)


def test_discordance_counts_the_images_that_only_one_network_classifies_correctly():
    first, second = np.array([1, 1, 1, 0, 0, 1], bool), np.array([1, 0, 0, 1, 0, 1], bool)
    assert discordance(first, second) == Discordance(lost=2, gained=1, images=6)


@pytest.mark.parametrize(
    ("lost", "gained"),
    [(0, 0), (0, 5), (5, 0), (12, 9), (60, 40), (234, 52), (52, 234), (1500, 1400), (15_100, 14_900), (30_000, 0)],
)
def test_mcnemar_is_the_exact_one_sided_binomial_test(lost, gained):
    expected = stats.binom.sf(lost - 1, lost + gained, 0.5)
    assert mcnemar(Discordance(lost, gained, 30_000)) == pytest.approx(expected, rel=1e-9)


def test_mcnemar_keeps_its_level():
    random = np.random.default_rng(0)
    discordant = random.binomial(28_000, 0.004, 4_000)
    lost = random.binomial(discordant, 0.5)
    alarms = [mcnemar(Discordance(int(b), int(n - b), 28_000)) <= 0.05 for b, n in zip(lost, discordant, strict=True)]
    assert 0.02 < np.mean(alarms) < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 4_000)


def test_difference_interval_is_that_of_bonett_and_price():
    # by hand: (11 - 31) / 102 -+ 1.95996 * sqrt((42/102 - (20/102)^2) / 102)
    assert difference_interval(Discordance(lost=30, gained=10, images=100)) == pytest.approx(
        (-0.314652, -0.077505), abs=1e-6
    )


@pytest.mark.parametrize(
    ("p_lost", "p_gained", "images"), [(0.002, 0.002, 28_000), (0.006, 0.002, 2_800), (0.2, 0.1, 100)]
)
def test_difference_interval_covers_the_truth(p_lost, p_gained, images):
    draws = np.random.default_rng(0).multinomial(images, [p_lost, p_gained, 1 - p_lost - p_gained], 2_000)
    intervals = np.array([difference_interval(Discordance(int(b), int(c), images)) for b, c, _ in draws])
    truth = p_gained - p_lost
    assert np.mean((intervals[:, 0] <= truth) & (truth <= intervals[:, 1])) > 0.94


def test_difference_interval_has_a_width_if_nothing_differs():
    low, high = difference_interval(Discordance(0, 0, 28_000))
    assert low < 0 < high


def test_sign_flip_agrees_with_the_test_over_all_flips():
    differences = np.array([120, -30, 4, 55, -7, 900, -450, 12, 0, 33, -2, 61])
    exact = stats.permutation_test(
        (differences,), np.sum, permutation_type="samples", alternative="greater", n_resamples=np.inf
    ).pvalue
    assert sign_flip(differences) == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 9_999))


def test_sign_flip_of_hits_and_misses_is_mcnemars_test():
    differences = np.repeat([1, -1, 0], [30, 18, 1_000])
    assert sign_flip(differences) == pytest.approx(mcnemar(Discordance(30, 18, 1_048)), abs=0.01)


def test_sign_flip_keeps_its_level_with_heavy_tails_and_has_power():
    losses = np.random.default_rng(0).lognormal(0, 2.5, (2, 400, 2_000))  # (network, image, simulation)
    differences = np.rint(1e3 * (losses[1] - losses[0])).astype(np.int64)
    rate = np.mean(sign_flip(differences, flips=199) <= 0.05)
    assert abs(rate - 0.05) < 3 * math.sqrt(0.05 * 0.95 / 2_000)
    assert np.mean(sign_flip(differences + 20_000, flips=199) <= 0.05) > 0.5


def test_sign_flip_is_reproducible_and_bounded():
    differences = np.arange(1, 50)
    assert sign_flip(differences) == sign_flip(differences) == 1 / 10_000
    assert sign_flip(-differences) == 1
    assert sign_flip(np.zeros(5, np.int64)) == 1


def test_several_sign_flips_at_once_are_those_of_one_at_a_time():
    differences = 2 * np.random.default_rng(0).integers(-50, 60, (37, 3)) + 1  # odd, as zeros would be left out
    together = sign_flip(differences, flips=500)
    np.testing.assert_array_equal(together, [sign_flip(column, flips=500) for column in differences.T])


def test_mean_interval_is_the_normal_one():
    values = np.random.default_rng(0).normal(3, 2, 500)
    assert mean_interval(values) == pytest.approx(
        stats.norm.interval(0.95, values.mean(), values.std() / math.sqrt(500))
    )


def test_holm_on_a_worked_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1, 1]
