import numpy as np
import pytest
from scipy import stats

from benchmarks import power as program
from benchmarks.power import correlation_for, margins, power, smallest_detected
from tests.helpers.workspace import ROOT


@pytest.mark.parametrize(("drop", "level"), [(0.0, 0.05), (0.01, 0.05), (0.02, 0.01)])
def test_power_is_that_of_mcnemars_test(drop, level):
    images, discordance = 500, 0.02
    counts = np.arange(60)  # of discordant images: more are too rare to matter
    limits = stats.binom.isf(level, counts, 0.5)  # it detects a drop if more than these are lost
    rates = stats.binom.sf(limits, counts, (discordance / 2 + drop) / (discordance + drop))
    exact = (stats.binom.pmf(counts, images, discordance + drop) * rates).sum()
    assert power(images, discordance, drop, level) == pytest.approx(exact, abs=4 * (exact * (1 - exact) / 4_000) ** 0.5)


def test_power_is_at_most_the_level_without_a_drop_and_grows_with_it():
    rates = [power(28_000, 0.004, drop, 0.05) for drop in (0, 0.0005, 0.001, 0.002)]
    assert rates[0] < 0.05
    assert rates == sorted(rates)
    assert rates[-1] > 0.95


def test_smallest_detected_is_where_the_power_reaches_nine_in_ten():
    assert smallest_detected(lambda drop: drop / 0.05) == pytest.approx(0.045, abs=2e-6)


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
    _, _, _, _, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines()]
    assert [row[:4] for row in rows] == [["500", "mlp", "99.20%", "1.00%"], ["500", "cnn", "99.57%", "0.28%"]]
