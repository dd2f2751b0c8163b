"""Whose settings count: on real commits."""

import json
import re

import numpy as np
import pytest

from tests.helpers.repository import Repository, labels


@pytest.fixture
def loosened(repository: Repository) -> Repository:
    """A workspace in which the recall of 7 is lower, with p = 0.007 after correction, and so is what the gate asks."""
    repository.write_results("cnn", seed=10, shift=np.where(labels() == 7, -1.9, 2.0))
    repository.write_params(floor=0, alpha=0.001)
    return repository


def test_the_assessed_side_does_not_loosen_its_own_gate(loosened, gate):
    status, out, _ = gate("HEAD")
    assert status == 1
    assert "REGRESSION: cnn: recall of 7" in out
    assert re.search(r"note: gate.alpha is 0.05 as in \w+ \(HEAD\), not 0.001 as in the workspace: head cannot", out)
    assert "note: gate.floor.cnn is 0.9 as in" in out


def test_a_looser_gate_is_accepted_explicitly_and_shown(loosened, gate):
    status, out, _ = gate("HEAD", "--accept-looser-gate")
    assert status == 0
    assert re.search(r"^LOOSER GATE: gate.alpha is 0.001 as in the workspace, not 0.05 as in \w+ \(HEAD\)$", out, re.M)
    assert "LOOSER GATE: gate.floor.cnn is 0 as in the workspace, not 0.9 as in" in out
    assert out.splitlines()[-1].endswith("; by a LOOSER GATE than that of base")
    status, out, _ = gate("HEAD", "--accept-looser-gate", "--md")
    assert "- **LOOSER GATE: gate.floor.mlp is 0 as in" in out
    assert json.loads(gate("HEAD", "--accept-looser-gate", "--json")[1])["loosened"][0].startswith(
        "gate.alpha is 0.001"
    )


def test_a_lower_floor_does_not_admit_a_network_below_that_of_base(repository, gate):
    repository.write_params(floor=0.999)
    repository.commit("a high floor")
    repository.write_params(floor=0.5)
    assert gate("HEAD")[1].splitlines()[-1] == "REGRESSION: mlp: below its floor; cnn: below its floor"
    assert gate("HEAD", "--accept-looser-gate")[0] == 0


def test_a_stricter_gate_of_the_assessed_side_counts(repository, gate):
    repository.write_params(floor=0.95, alpha=0.2)
    status, out, _ = gate("HEAD")
    assert (status, "head cannot loosen" in out) == (0, False)
    assert "its floor of 95.0000%" in out
    assert json.loads(gate("HEAD", "--json")[1])["alpha"] == 0.2


@pytest.mark.parametrize(
    "text",
    [
        "seed: 1\n",
        "gate: [\n",
        "gate: 1\n",
        "gate: {alpha: lots, floor: 1, other: {a: 2}}\n",
        "\x00",
        "[1]",
        "gate: !!timestamp x",
    ],
)
def test_of_a_base_only_what_is_a_setting_counts(repository, gate, text):
    (repository.root / "params.yaml").write_text(text)
    repository.commit("another gate")
    repository.git("checkout", "--quiet", "HEAD~1", "--", "params.yaml")
    assert gate("HEAD")[0] == 0


def test_of_an_older_gate_of_base_each_setting_that_is_there_counts(repository, gate):
    (repository.root / "params.yaml").write_text("gate: {alpha: 7, floor: {cnn: 0.999, vit: 1.0}, rooms: 3}\n")
    repository.commit("another gate")
    repository.git("checkout", "--quiet", "HEAD~1", "--", "params.yaml")
    assert gate("HEAD")[1].splitlines()[-1] == "REGRESSION: cnn: below its floor"
