"""Recipes over several seeds, by the real queue of DVC. Their training is a small one, without TensorFlow.

test_readme_commands.py compares those of the project's own pipeline.
"""

import json
import signal

import pytest

from tests.helpers.workspace import Workspace

pytestmark = pytest.mark.end_to_end

SEEDS = ("python", "-m", "checks.seeds", "--seeds", "2", "--network", "mlp")
DVC_YAML = """
stages:
  evaluate:
    foreach: [mlp, cnn]
    do:
      cmd: python recipe.py ${item}
      deps:
        - recipe.py
      params:
        - models.${item}
        - seed
      metrics:
        - metrics/${item}.json: {cache: false}
"""
RECIPE = """
import sys
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from stages.artifacts.errors import run
from stages.artifacts.results import save_metrics
from stages.config.params import load_params


def main():
    [_, name] = sys.argv
    params = load_params()
    parts = train_test_split(*load_digits(return_X_y=True), random_state=params.seed)
    subsets = {"train": parts[::2], "validation": parts[1::2], "test": parts[1::2]}
    epochs = getattr(params.models, name).epochs
    network = MLPClassifier([8], max_iter=epochs, n_iter_no_change=epochs, random_state=params.seed)
    network.fit(*subsets["train"])
    scores = {
        subset: {"accuracy": network.score(*of), "loss": log_loss(of[1], network.predict_proba(of[0]))}
        for subset, of in subsets.items()
    }
    save_metrics(Path(f"metrics/{name}.json"), {**scores, "parameters": 610})


run(main)
"""


@pytest.fixture(scope="module")
def project(workspace: Workspace) -> Workspace:
    (workspace.root / "dvc.yaml").write_text(DVC_YAML)
    (workspace.root / "recipe.py").write_text(RECIPE)
    (workspace.root / "dvc.lock").unlink()
    workspace.set_params(models__mlp__epochs=1)
    workspace.commit("A small recipe")
    return workspace


@pytest.fixture(scope="module")
def compared(project: Workspace) -> str:
    """What the comparison prints of 8 epochs with 1, which is the committed setting."""
    return project.run(*SEEDS, "-S", "models.mlp.epochs=8")


def test_seeds_train_both_settings_and_find_the_difference(compared: str):
    assert "4 runs: 4 of about 5 min" in compared
    assert "2 seeds: 1, 2" in compared
    assert compared.count("success") == 4
    [difference] = [line for line in compared.splitlines() if line.startswith("mlp ") and "train.loss" in line]
    assert "-" in difference.split()[2]
    assert "test." not in compared
    assert "cnn" not in compared


def test_seeds_leave_the_workspace_as_it_was(project: Workspace, compared: str):
    assert project.run("git", "status", "--porcelain") == ""
    assert "Queued" not in project.run("dvc", "queue", "status")


def test_seeds_use_the_runs_that_exist_and_show_test_figures_for_a_release(project: Workspace, compared: str):
    printed = project.run(*SEEDS, "-S", "models.mlp.epochs=8", "--release", "--json")
    assert printed.startswith("4 runs, of which 4 exist\n")
    result = json.loads(printed[printed.index("{") :])
    metrics = {row["metric"] for row in result["settings"]["the committed params"]}
    assert {"validation.accuracy", "test.loss"} <= metrics
    experiments = json.loads(project.run("dvc", "exp", "show", "--json"))[1]["experiments"]
    losses = {item["name"]: item["revs"][0]["data"]["metrics"]["metrics/mlp.json"]["data"] for item in experiments}
    own = [losses[f"seed{seed}-evaluate-mlp"]["validation"]["loss"] for seed in (1, 2)]
    [mean] = [r for r in result["settings"]["the committed params"] if r["metric"] == "validation.loss"]
    assert mean["mean"] == pytest.approx(sum(own) / 2)
    assert own[0] != own[1]


def test_seeds_name_a_run_that_fails_and_its_reason(project: Workspace, compared: str):
    printed = project.fails(*SEEDS, "-S", "models.mlp.epochs=-8")
    assert "cannot run: an interval needs two seeds" in printed
    assert "error: params.yaml: models.mlp.epochs: expected greater than or equal to 1, found -8" in printed
    assert printed.endswith("exit status 2")


def test_seeds_interrupted_leave_no_run_behind(project: Workspace):
    with project.start(*SEEDS, "-S", "models.mlp.epochs=9000") as process:
        while "Running" not in (status := project.run("dvc", "queue", "status")):
            assert process.poll() is None, status
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate()
    assert printed.endswith("interrupted\n")
    assert process.returncode == 130
    while "Running" in (status := project.run("dvc", "queue", "status")):  # until DVC has noted that it was killed
        pass
    assert "Queued" not in status


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("models.mlp.epoch=3", "Could not override 'models.mlp.epoch'"),
        ("models.mlp.epochs=3,4", "has several values for one key"),
    ],
)
def test_seeds_queue_nothing_of_a_setting_that_is_none(setting: str, message: str, project: Workspace):
    printed = project.fails(*SEEDS, "-S", setting)
    assert message in printed
    assert printed.endswith("exit status 2")
    assert "Queued" not in project.run("dvc", "queue", "status")


def test_seeds_refuse_uncommitted_changes(project: Workspace):
    project.set_params(models__mlp__epochs=2)
    printed = project.fails(*SEEDS)
    project.run("git", "checkout", "params.yaml")
    assert "cannot run: params.yaml is not committed" in printed
