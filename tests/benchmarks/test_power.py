import numpy as np
import pytest
from scipy import stats

from benchmarks import power as program
from benchmarks.power import Setting, correlation_for, exclusion, margins, power, simulate, smallest
from stages.ingest.gate_params import parse_gate
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


def test_smallest_is_where_the_power_reaches_nine_in_ten():
    assert smallest(lambda drop: drop / 0.05) == pytest.approx(0.045, abs=2e-6)


@pytest.mark.parametrize(("images", "discordance"), [(18_000, 0.0056), (1_800, 0.0056)])
def test_a_drop_of_the_margin_is_excluded_in_few_cases_and_no_drop_in_most(images: int, discordance: float):
    assert exclusion(images, discordance, drop=0.01, margin=0.01) < 0.04
    assert exclusion(images, discordance, drop=0.0, margin=0.01) > 0.95


def test_simulated_gates_compare_head_with_each_base(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(program, "GATES", 3)
    gate = parse_gate((ROOT / "params.yaml").read_bytes(), "params.yaml")
    gates = simulate(Setting(3_000, 2, ()), program.DISCORDANCE, gate, share=12)
    assert len(gates) == 3
    accuracies = [change for change in gates[0] if change.measure == "accuracy"]
    assert [(change.base, change.network) for change in accuracies] == [
        ("0", "mlp"), ("1", "mlp"), ("0", "cnn"), ("1", "cnn"),
    ]  # fmt: skip
    first, second = accuracies[:2]
    assert first.measured.head == second.measured.head == pytest.approx(0.992, abs=0.006)
    assert first.measured.pairs != second.measured.pairs
    assert first.measured.p * 12 == pytest.approx(first.p_corrected) or first.p_corrected == 1


def test_margins_have_the_accuracy_and_the_discordance_asked_for():
    correlation = correlation_for(0.99, 0.008)
    base, head = margins(np.random.default_rng(5), 400_000, 0.99, correlation)
    assert np.mean(base > 0) == pytest.approx(0.99, abs=0.001)
    assert np.mean((base > 0) != (head > 0)) == pytest.approx(0.008, abs=0.0006)


def test_margins_of_several_runs_are_as_discordant_as_those_of_two():
    first, second, third = margins(np.random.default_rng(5), 400_000, 0.99, correlation_for(0.99, 0.008), runs=3)
    for one, other in ((first, second), (first, third), (second, third)):
        assert np.mean((one > 0) != (other > 0)) == pytest.approx(0.008, abs=0.0006)


def test_it_prints_a_row_for_each_network_and_setting(monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["power", "--mlp", "0.01"])
    for name, small in {"SETTINGS": (Setting(500, 2, ("f1.1",)),), "DRAWS": 50, "GATES": 2}.items():
        monkeypatch.setattr(program, name, small)
    program.main()
    printed = capsys.readouterr().out
    _, _, _, _, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines()]
    assert [row[:4] for row in rows] == [["500", "2", "4", "mlp"], ["500", "2", "4", "cnn"]]
    assert {len(row) for row in rows} == {len(program.HEADINGS)}
