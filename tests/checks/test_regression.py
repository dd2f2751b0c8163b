"""The gate as a command, on real commits."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.helpers.commands import assert_not_comparable
from tests.helpers.repository import NETWORKS, labels
from tests.helpers.workspace import ROOT


def test_equal_commits_have_no_difference(repository, gate):
    status, out, _ = gate("HEAD")
    assert status == 0
    assert "no difference: all predictions" in out
    assert "with its merge base" in out
    repository.commit("nothing new")
    status, out, _ = gate("HEAD~1", "--head", "HEAD")
    assert status == 0
    assert "no difference: all predictions" in out
    assert "merge base" not in out


def test_a_drop_within_the_noise_passes_and_shows_its_interval(repository, gate):
    repository.write_results("cnn", seed=11, shift=-0.1)
    status, out, _ = gate("HEAD", "--json")
    accuracy = next(c for c in json.loads(out)["changes"] if (c["network"], c["measure"]) == ("cnn", "accuracy"))
    assert status == 0
    assert accuracy["verdict"] == "no drop > 2%"
    assert accuracy["interval"][0] < accuracy["difference"] < 0 < accuracy["interval"][1]
    status, out, _ = gate("HEAD")
    assert status == 0
    row = next(line for line in out.splitlines() if line.split()[:2] == ["cnn", "accuracy"])
    assert f"{accuracy['p']:.2g}" in row
    assert f"{accuracy['interval'][0]:+.3%} to {accuracy['interval'][1]:+.3%}" in row
    assert "  no drop > 2%  " in row
    assert "no regression found: the smallest p is" in out


def test_a_clearly_worse_network_is_a_regression(repository, gate):
    repository.write_results("cnn", seed=10, shift=-1.5)
    repository.commit("worse")
    status, out, _ = gate("HEAD~1")
    assert status == 1
    assert "REGRESSION: cnn: accuracy, loss" in out
    assert "mlp" not in out.splitlines()[-1]
    status, out, _ = gate("HEAD", "--head", "HEAD~1")
    assert status == 0
    assert "no drop > 2%" in out


def test_a_lower_recall_is_a_regression_even_if_the_accuracy_is_not(repository, gate):
    shift = np.where(labels() == 7, -2.5, 2.0)
    repository.write_results("mlp", seed=10, shift=shift)
    status, out, _ = gate("HEAD", "--json")
    verdicts = {change["measure"]: change["verdict"] for change in json.loads(out)["changes"][:12]}
    assert status == 1
    assert verdicts["recall of 7"] == "REGRESSION"
    assert verdicts["accuracy"] != "REGRESSION"


def test_a_more_confident_network_with_the_same_accuracy_is_a_regression_of_the_loss(repository, gate):
    """Mistakes made with more confidence: the accuracy is the same, the loss is not."""
    path = repository.root / "plots/cnn/losses.csv"
    losses = np.loadtxt(path, skiprows=1)
    losses[losses > np.log(2)] *= 4
    path.write_text("loss\n" + "".join(f"{loss:.5f}\n" for loss in losses))
    repository.edit_metrics("cnn", "test", loss=round(losses.round(5).mean(), 5))
    status, out, _ = gate("HEAD")
    assert status == 1
    assert out.splitlines()[-1] == "REGRESSION: cnn: loss"


def test_below_the_floor_is_a_regression_whatever_the_other_side(repository, gate):
    repository.write_params(floor=0.999)
    status, out, _ = gate("HEAD")
    assert status == 1
    assert out.splitlines()[-1] == "REGRESSION: mlp: below its floor; cnn: below its floor"


def test_a_head_without_a_gate_is_not_comparable(repository, gate):
    (repository.root / "params.yaml").write_text("seed: 1\n")
    assert_not_comparable(gate, ("HEAD",), "params.yaml of the workspace", "gate: missing key")
    (repository.root / "params.yaml").write_text("gate: [\n")
    assert_not_comparable(gate, ("HEAD",), "not valid YAML")


def test_markdown_is_a_table(repository, gate):
    repository.write_results("cnn", seed=11)
    status, out, _ = gate("HEAD", "--md")
    rows = [line for line in out.splitlines() if line.startswith("|")]
    assert status == 0
    assert out.startswith("**no regression")
    assert len(rows) == 2 + 2 * 3
    assert len({row.count("|") for row in rows}) == 1
    assert set(rows[1]) == set("|:-")


@pytest.mark.parametrize("old_side", ["base", "head"])
def test_figures_that_only_one_side_has_do_not_matter(repository, gate, old_side):
    """Earlier commits have more figures in metrics/M.json, such as the recalls."""
    new = repository.commit("without more figures")
    for network in NETWORKS:
        for subset in ("train", "validation", "test"):
            repository.edit_metrics(network, subset, brier=0.03, ece=0.01, ece_low=0.0, ece_high=0.02)
        repository.edit(f"metrics/{network}.json", '"parameters": 1000', '"recall": {"0": 0.9, "7": 0.8}')
    old = repository.commit("with more figures")
    base, head = (old, new) if old_side == "base" else (new, old)
    status, out, err = gate(base, "--head", head)
    assert (status, err) == (0, "")
    assert "no difference" in out


def test_json_has_every_test(repository, gate):
    tree = json.loads(gate("HEAD", "--json")[1], parse_constant=lambda name: pytest.fail(name))
    assert [change["measure"] for change in tree["changes"]] == [
        *["accuracy", "loss", *(f"recall of {digit}" for digit in range(10))] * 2
    ]
    assert tree["identical"] is True
    assert tree["regressions"] == {}


@pytest.mark.parametrize("side", ["base", "head"])
@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda r: (r.root / "metrics/cnn.json").unlink(), ["has no metrics/cnn.json"]),
        (lambda r: (r.root / "plots/mlp/predictions.csv").unlink(), ["has no plots/mlp/predictions.csv"]),
        (lambda r: r.edit_metrics("cnn", "test", loss=float("nan")), ["metrics/cnn.json", "test.loss is nan"]),
        (
            lambda r: r.edit("metrics/cnn.json", '"accuracy"', '"precision"'),
            ["metrics/cnn.json", "has no train.accuracy"],
        ),
        (lambda r: r.write_results("cnn", 10, actual=labels()[::-1].copy()), ["a different order"]),
        (lambda r: r.write_lock("2" * 32), ["different test images", "dvc.lock"]),
        (lambda r: [r.write_results(n, 10, subset="validation") for n in NETWORKS], ["has test labels", "has none"]),
    ],
)
def test_either_side_can_make_it_incomparable(repository, gate, side, break_it, words):
    break_it(repository)
    if side == "base":
        repository.commit("broken")
        arguments = ("HEAD", "--head", "HEAD~1")
    else:
        arguments = ("HEAD",)
    assert_not_comparable(gate, arguments, *words)


def test_an_unknown_revision_is_not_comparable(repository, gate):
    assert_not_comparable(gate, ("no-such-branch",), "'no-such-branch' is not a commit")
    assert_not_comparable(gate, ("HEAD", "--head", ""), "'' is not a commit")


def test_a_shallow_clone_says_to_fetch_the_history(repository, gate, monkeypatch):
    repository.commit("second")
    shallow = repository.root.parent / "shallow"
    repository.git("clone", "--quiet", "--depth", "1", repository.root.as_uri(), str(shallow))
    monkeypatch.chdir(shallow)
    assert_not_comparable(gate, ("HEAD~1",), "shallow", "fetch the history")
    assert gate("HEAD")[0] == 0


def test_outside_a_repository_it_is_not_comparable(tmp_path, gate, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert_not_comparable(gate, ("HEAD",), "not a git repository")


def test_the_command_needs_none_of_the_heavy_libraries(repository):
    script = (
        "import sys; from checks import regression; sys.argv[1:] = ['HEAD']; status = regression.main();"
        "print(*{'tensorflow', 'onnxruntime', 'sklearn', 'scipy', 'pandas', 'dvc'} & set(sys.modules), file=sys.stderr)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    finished = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert finished.stderr.strip() == ""


@pytest.mark.parametrize(
    ("arguments", "status", "error"), [(["HEAD"], 0, ""), (["HEAD~9"], 2, "not comparable: "), ([], 2, "usage: ")]
)
def test_the_exit_status_reaches_the_shell(repository, arguments, status, error):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "checks.regression", *arguments]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == status, finished.stderr
    assert finished.stderr.startswith(error)
