import numpy as np
import pytest
from scipy import stats

from benchmarks import power as program
from benchmarks.power import correlation_for, least_lost, margins, power, smallest_caught
from tests.helpers.workspace import ROOT


@pytest.mark.parametrize("discordant", [0, 1, 7, 8, 112, 401])
def test_least_lost_is_the_binomial_critical_value(discordant):
    lost = least_lost(discordant, 0.05 / 6)
    tails = [stats.binom.sf(count - 1, discordant, 0.5) for count in range(discordant + 1)]
    assert lost == sum(tail > 0.05 / 6 for tail in tails)


def test_power_is_at_most_the_level_without_a_drop_and_grows_with_it():
    rates = [power(28_000, 0.004, drop, 0.05) for drop in (0, 0.0005, 0.001, 0.002)]
    assert rates[0] < 0.05
    assert rates == sorted(rates)
    assert rates[-1] > 0.95


def test_smallest_caught_is_where_the_power_reaches_nine_in_ten():
    assert smallest_caught(lambda drop: drop / 0.05) == pytest.approx(0.045, abs=2e-6)


def test_margins_have_the_accuracy_and_the_discordance_asked_for():
    correlation = correlation_for(0.99, 0.008)
    base, head = margins(np.random.default_rng(5), 400_000, 0.99, correlation)
    assert np.mean(base > 0) == pytest.approx(0.99, abs=0.001)
    assert np.mean((base > 0) != (head > 0)) == pytest.approx(0.008, abs=0.0006)


def test_it_prints_a_row_for_each_network_and_number_of_images(monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["power", "--mlp", "0.01"])
    for name, small in {"IMAGES": (500,), "DRAWS": 50, "GATES": 2, "FLIPS": 9}.items():
        monkeypatch.setattr(program, name, small)
    program.main()
    printed = capsys.readouterr().out
    assert "| 500 | mlp | 99.20% | 1.00% |" in printed and "| 500 | cnn |" in printed
