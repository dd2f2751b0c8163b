"""Further measures, with limits in params.yaml: on real commits."""

import re

import numpy as np
import pytest

from tests.helpers.commands import assert_not_comparable
from tests.helpers.repository import NETWORKS, Repository, labels


def write_calibration(repository: Repository, brier: float) -> None:
    for network in NETWORKS:
        text = f"subset,brier,ece,ece_low,ece_high\ntest,{brier},0.01,0,0\n"
        (repository.root / f"plots/{network}/calibration.csv").write_text(text)


@pytest.fixture
def limited(repository: Repository) -> Repository:
    """A gate with further measures, and what it needs of them."""
    limits = {"brier": {"max_drop": 0.1, "relative": True}, "f1.7": {"max_drop": 0.01}}
    repository.write_params(floor=0.9, cnn=limits)
    write_calibration(repository, brier=0.02)
    repository.commit("further measures")
    return repository


def test_a_figure_beyond_its_limit_is_a_regression_without_a_test(limited, gate):
    assert gate("HEAD")[0] == 0
    write_calibration(limited, brier=0.0221)
    status, out, _ = gate("HEAD")
    assert status == 1
    assert out.splitlines()[-1] == "REGRESSION: cnn: brier"
    assert re.search(r"^cnn +brier +REGRESSION +0.02000 +0.02210 +\+0.00210$", out, re.M)
    write_calibration(limited, brier=0.0219)
    status, out, _ = gate("HEAD", "--strict")
    assert status == 0
    assert re.search(r"^cnn +brier +no rise > 0.002 \(no test\) ", out, re.M)


def test_a_ratio_that_drops_beyond_its_limit_and_the_noise_is_a_regression(limited, gate):
    limited.write_results("cnn", seed=10, shift=np.where(labels() == 7, -2.5, 2.0))
    status, out, _ = gate("HEAD")
    assert status == 1
    assert out.splitlines()[-1] == "REGRESSION: cnn: recall of 7, f1.7"
    assert re.search(r"\| +\*\*f1\.7\*\* \| +\*\*REGRESSION\*\* \|", gate("HEAD", "--md")[1])


def test_a_drop_that_its_limit_allows_is_not_the_smallest_p(repository, gate):
    """Every mistake becomes an 8: the accuracy is the same, the precision of 8 is not, by more than chance explains."""
    repository.write_params(floor=0.9, cnn={"precision.8": {"max_drop": 0.5}})
    repository.commit("a wide limit")
    path = repository.root / "plots/cnn/predictions.csv"
    header, *rows = path.read_text().splitlines()
    rows = [row if row[0] in ("8", row[2]) else f"{row[0]},8" for row in rows]
    path.write_text("\n".join([header, *rows, ""]))
    status, out, _ = gate("HEAD")
    assert status == 0
    assert re.search(r"^cnn +precision\.8 +no drop > 50% .* 0.0007$", out, re.M)
    assert "the smallest p is 1 (" in out


def test_a_change_cannot_drop_or_loosen_a_limit(limited, gate):
    write_calibration(limited, brier=0.03)
    for limits in ({}, {"brier": {"max_drop": 0.9, "relative": True}}, {"brier": {"max_drop": 0.9}}):
        limited.write_params(floor=0.9, cnn=limits)
        status, out, _ = gate("HEAD")
        assert status == 1
        assert "note: gate.metrics.cnn.brier is max_drop 0.1, relative" in out
        assert gate("HEAD", "--accept-looser-gate")[0] == 0


def test_a_limit_may_be_new_or_stricter(limited, gate):
    write_calibration(limited, brier=0.0219)
    limited.write_params(floor=0.9, cnn={"brier": {"max_drop": 0.05, "relative": True}, "ece": {"max_drop": 0.0}})
    assert gate("HEAD")[1].splitlines()[-1] == "REGRESSION: cnn: brier"


def test_a_promotion_has_to_show_a_gain(repository, gate):
    repository.write_params(floor=0.9, cnn={"accuracy": {"min_gain": 0.005}})
    status, out, _ = gate("HEAD")
    assert status == 1
    assert out.splitlines()[-1] == "NO GAIN, as gate.metrics asks for: cnn: accuracy"
    repository.write_results("cnn", seed=10, shift=2)
    status, out, _ = gate("HEAD")
    assert status == 0
    assert re.search(r"^cnn +accuracy +gain >= 0.5% ", out, re.M)


def test_a_regression_and_a_gain_that_is_not_shown_are_both_named(repository, gate):
    repository.write_params(floor=0.999, cnn={"accuracy": {"min_gain": 0.005}})
    conclusion = gate("HEAD")[1].splitlines()[-1]
    assert conclusion.startswith(
        "REGRESSION: mlp: below its floor; cnn: below its floor; NO GAIN, as gate.metrics asks"
    )


def test_an_unknown_measure_is_an_error_that_lists_the_known_ones(repository, gate):
    repository.write_params(floor=0.9, cnn={"briar": {"max_drop": 0.1}})
    assert_not_comparable(
        gate, ("HEAD",), "gate.metrics.cnn: unknown measure 'briar'", "robustness.blur", "model_bytes"
    )


def test_a_figure_that_base_does_not_have_is_not_comparable(repository, gate):
    repository.write_params(floor=0.9, cnn={"brier": {"max_drop": 0.1}})
    write_calibration(repository, brier=0.02)
    assert_not_comparable(gate, ("HEAD",), "has no plots/cnn/calibration.csv")
