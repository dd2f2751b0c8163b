from pathlib import Path

import pytest

from benchmarks import cpus
from stages.artifacts.errors import PipelineError
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import save_csv
from tests.helpers.markdown_cells import cells
from tests.helpers.workspace import Workspace

FOUND = {"native": {"a.csv": "1" * 64, "b.onnx": "2" * 64}, "Haswell": {"a.csv": "1" * 64, "b.onnx": "3" * 64}}


@pytest.fixture
def project(workspace: Workspace, digits: Table, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A clone with CSVs in the place of the downloaded ones, as the current folder."""
    for path in cpus.ROWS:
        save_csv(workspace.root / path, digits)
    monkeypatch.chdir(workspace.root)
    return workspace


def test_markdown_has_one_line_per_artifact_that_shows_where_it_differs():
    report = cpus.markdown(FOUND, "Zen 3 (avx2)")
    assert cells(report) == [
        ["artifact", "sha256 natively: Zen 3 (avx2)", "Haswell"],
        ["a.csv", "1" * 12, "same"],
        ["b.onnx", "2" * 12, "**differs**"],
    ]
    assert report.endswith("\n1 of 2 artifacts are the same bytes on every CPU.\n")
    assert cpus.different(FOUND) == ["b.onnx"]


def test_different_includes_an_artifact_that_one_cpu_lacks():
    assert cpus.different({"native": {"a": "1"}, "Haswell": {"a": "1", "b": "2"}}) == ["b"]


def test_check_refuses_a_missing_emulator_and_tells_how_to_install_it(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(cpus.shutil, "which", lambda name: None)
    with pytest.raises(PipelineError, match=r"qemu-x86_64 is missing.*apt-get install qemu-user"):
        cpus.check(["Haswell"])


def test_check_refuses_missing_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PipelineError, match=r"train\.csv is missing: run dvc repro download"):
        cpus.check([])


@pytest.mark.slow
def test_run_pipeline_runs_a_stage_on_the_first_rows_and_hashes_its_outputs(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(cpus, "stages", lambda: [["stages.preprocess"]])
    made = cpus.run_pipeline(cpus.NATIVE)
    assert {"models/none.keras", "metrics/data.json", "plots/data/ink.csv"} <= set(made)
    assert "data/prepared/train_images.npy" in made
    assert all(len(sha256) == 64 for sha256 in made.values())
    assert cpus.run_pipeline(cpus.NATIVE) == made
