from pathlib import Path

import pytest

from checks.gate.snapshot import METRICS, of_commit, of_workspace
from stages.artifacts.errors import PipelineError
from tests.helpers.repository import Repository


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Two commits; the workspace differs from both, and has files that the gate does not read."""
    (tmp_path / "r/metrics").mkdir(parents=True)
    (tmp_path / "r/plots/cnn").mkdir(parents=True)
    repository = Repository(tmp_path / "r")
    repository.git("init", "--quiet", "--initial-branch=main")
    for number in (b"1", b"2", b"3"):
        (repository.root / "metrics/cnn.json").write_bytes(number)
        (repository.root / "plots/cnn/losses.csv").write_bytes(number + b"\r\n\xff")
        (repository.root / "plots/cnn/digits.csv").write_bytes(number)
        if number < b"3":
            repository.commit(number.decode())
    monkeypatch.chdir(repository.root)
    return repository


def test_a_commit_is_read_as_it_was_committed(repository):
    snapshot = of_commit("HEAD~1")
    assert snapshot.files == {"metrics/cnn.json": b"1", "plots/cnn/losses.csv": b"1\r\n\xff"}
    assert snapshot.commit == repository.git("rev-parse", "HEAD~1")
    assert snapshot.name == f"{snapshot.commit[:10]} (HEAD~1)"
    assert snapshot.networks() == {"cnn"}


def test_the_workspace_is_read_from_the_disk(repository):
    snapshot = of_workspace()
    assert snapshot.files == {"metrics/cnn.json": b"3", "plots/cnn/losses.csv": b"3\r\n\xff"}
    assert snapshot.commit == repository.git("rev-parse", "HEAD")


def test_networks_are_without_the_figures_of_the_data(repository):
    (repository.root / "metrics/data.json").write_bytes(b"{}")
    snapshot = of_workspace()
    assert snapshot.files["metrics/data.json"] == b"{}"
    assert snapshot.networks() == {"cnn"}


def test_a_project_below_the_repositorys_root_is_found(repository, monkeypatch):
    (repository.root / "sub/metrics").mkdir(parents=True)
    (repository.root / "sub/metrics/mlp.json").write_bytes(b"4")
    repository.commit("sub")
    monkeypatch.chdir(repository.root / "sub")
    assert of_commit("main").files == of_workspace().files == {"metrics/mlp.json": b"4"}


@pytest.mark.parametrize("revision", ["v1", "main~1", "HEAD^"])
def test_any_name_of_a_commit_is_accepted(repository, revision):
    repository.git("tag", "--annotate", "v1", "HEAD~1", "--message", "first")
    assert of_commit(revision).files["metrics/cnn.json"] == b"1"


def test_a_commit_given_by_its_id_has_no_second_name(repository):
    commit = repository.git("rev-parse", "HEAD")
    assert of_commit(commit).name == commit[:10]


@pytest.mark.parametrize("revision", ["", "nothing", "HEAD~7", "0" * 40, "HEAD:metrics", "--all"])
def test_a_revision_that_is_not_a_commit_is_an_error(repository, revision):
    with pytest.raises(PipelineError, match="is not a commit"):
        of_commit(revision)


def test_a_missing_file_is_an_error_that_names_it(repository):
    with pytest.raises(PipelineError, match=r"the workspace has no metrics/mlp\.json: run dvc repro"):
        of_workspace().file(METRICS, "mlp")
