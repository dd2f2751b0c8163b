"""The gate between two commits of networks that the real dvc trained."""

from pathlib import Path

import pytest

from tests.helpers.dvc_output import ran
from tests.helpers.own_run import Longer
from tests.helpers.workspace import Workspace

pytestmark = pytest.mark.end_to_end

GATE = ("python", "-m", "checks.regression")


def test_gate_fails_a_network_trained_for_one_epoch(longer: Longer):
    printed = longer.workspace.fails(*GATE, "HEAD", "--head", "HEAD~1")
    assert "exit status 1" in printed
    assert "REGRESSION: mlp: accuracy, loss" in printed


def test_gate_passes_a_network_trained_for_longer(longer: Longer):
    assert "no regression" in longer.workspace.run(*GATE, "HEAD~1")


def test_gate_passes_a_change_of_seed_alone(longer: Longer, tmp_path: Path):
    workspace = longer.workspace.copy_to(tmp_path / "project")
    workspace.set_params(seed=7)
    printed = workspace.run("dvc", "repro", "evaluate@mlp")
    assert ran(printed) == {"preprocess", "train@cnn", "train@mlp", "evaluate@mlp"}
    printed = workspace.run(*GATE, "HEAD")
    assert "no regression" in printed
    assert "all predictions and losses are the same" not in printed


def test_gate_notes_that_nothing_changed(done: Workspace):
    assert "all predictions and losses are the same" in done.run(*GATE, "HEAD")
