from pathlib import Path

import pytest

from benchmarks import cpus
from stages.artifacts.errors import PipelineError
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import save_csv
from tests.helpers.workspace import Workspace

FOUND = {"native": {"a.csv": "1" * 64, "b.onnx": "2" * 64}, "Haswell": {"a.csv": "1" * 64, "b.onnx": "3" * 64}}


@pytest.fixture
def project(workspace: Workspace, digits: Table, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A clone with CSVs where the download lays them, as the current folder."""
    for path in cpus.ROWS:
        save_csv(workspace.root / path, digits)
    monkeypatch.chdir(workspace.root)
    return workspace


def test_each_artifact_has_a_line_that_says_where_it_differs():
    lines = cpus.markdown(FOUND, "Zen 3 (avx2)").splitlines()
    assert lines[0] == "| artifact | sha256 natively: Zen 3 (avx2) | Haswell |"
    assert lines[2:4] == ["| a.csv | 111111111111 | same |", "| b.onnx | 222222222222 | **differs** |"]
    assert lines[-1] == "1 of 2 artifacts are the same bytes everywhere."
    assert cpus.different(FOUND) == ["b.onnx"]


def test_an_artifact_that_one_cpu_lacks_differs():
    assert cpus.different({"native": {"a": "1"}, "Haswell": {"a": "1", "b": "2"}}) == ["b"]


def test_a_missing_emulator_is_an_error_that_says_how_to_get_it(project: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cpus.shutil, "which", lambda name: None)
    with pytest.raises(PipelineError, match=r"qemu-x86_64 is missing.*apt-get install qemu-user"):
        cpus.check(["Haswell"])


def test_missing_rows_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PipelineError, match=r"train\.csv is missing: run dvc repro download"):
        cpus.check([])


def test_a_stage_runs_on_the_first_rows_and_what_it_makes_is_hashed(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(cpus, "stages", lambda: [["stages.preprocess"]])
    made = cpus.run_pipeline(cpus.NATIVE)
    assert len(made) == 7 and "data/prepared/train_images.npy" in made
    assert all(len(sha256) == 64 for sha256 in made.values())
    assert cpus.run_pipeline(cpus.NATIVE) == made
