"""The README's figures are the committed ones, and its drawing of the pipeline is DVC's."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from checks.gate.snapshot import METRICS, of_commit, of_workspace
from tests.helpers.workspace import ROOT


@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_readme_shows_the_committed_metrics(model: str, monkeypatch: pytest.MonkeyPatch):
    """Or those of the workspace, before they are committed; after dvc repro on another CPU only the former hold."""
    monkeypatch.chdir(ROOT)
    [row] = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith(f"| `{model}` |")]
    expected = []
    for snapshot in (of_commit("HEAD"), of_workspace()):
        metrics = json.loads(snapshot.file(METRICS, model))
        accuracies = [f"{metrics[subset]['accuracy'] * 100:.2f} %" for subset in ("train", "validation", "test")]
        expected.append([f"{metrics['parameters']:,}", *accuracies])
    assert [cell.strip() for cell in row.strip("|").split("|")][2:] in expected


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 180


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda page: page.name)
def test_links_of_pages_lead_to_files_and_headings(page: Path):
    for target in re.findall(r"\]\(([^)#\s]*(?:#[^)\s]*)?)\)", page.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path) if path else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.M)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}, target


def test_readme_shows_the_pipeline_as_dvc_draws_it():
    drawn = subprocess.run([sys.executable, "-m", "dvc", "dag", "--md"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    assert drawn.stdout.decode().strip() in (ROOT / "README.md").read_text()
