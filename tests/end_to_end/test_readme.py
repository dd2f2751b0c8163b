"""The README's figures are the committed ones, and its drawing of the pipeline is DVC's."""

import json
import subprocess
import sys

import pytest

from checks.gate.snapshot import METRICS, of_commit, of_workspace
from tests.helpers.workspace import ROOT


@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_the_table_shows_the_committed_metrics(model: str, monkeypatch: pytest.MonkeyPatch):
    """Or those of the workspace, before they are committed; after dvc repro on another CPU only the former hold."""
    monkeypatch.chdir(ROOT)
    [row] = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith(f"| `{model}` |")]
    expected = []
    for snapshot in (of_commit("HEAD"), of_workspace()):
        metrics = json.loads(snapshot.file(METRICS, model))
        accuracies = [f"{metrics[subset]['accuracy'] * 100:.2f} %" for subset in ("train", "validation", "test")]
        expected.append([f"{metrics['parameters']:,}", *accuracies])
    assert [cell.strip() for cell in row.strip("|").split("|")][2:] in expected


@pytest.mark.parametrize("benchmark", ["peers", "scale"])
def test_it_shows_what_a_benchmark_wrote(benchmark: str):
    assert (ROOT / f"benchmarks/{benchmark}.md").read_text() in (ROOT / "README.md").read_text()


def test_the_pipeline_is_drawn_as_dvc_draws_it():
    drawn = subprocess.run([sys.executable, "-m", "dvc", "dag", "--md"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    assert drawn.stdout.decode().strip() in (ROOT / "README.md").read_text()
