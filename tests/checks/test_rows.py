"""Which rows the gate uses, and how often they have been used."""

from pathlib import Path

import numpy as np
import pytest

from checks.gate import official
from checks.gate.results import Results
from checks.gate.rows import select, wear
from checks.gate.snapshot import Snapshot, of_workspace
from stages.artifacts.errors import PipelineError
from tests.helpers.repository import Repository
from tests.helpers.workspace import ROOT

DEFAULT = Snapshot("the workspace", "0" * 40, {"params.yaml": (ROOT / "params.yaml").read_bytes()})
OWN = Snapshot("the workspace", "0" * 40, {"params.yaml": b"data: {test_csv: data/test.csv}"})

UNCLEAR = Snapshot("the workspace", "0" * 40, {"params.yaml": b"[]"})


def test_by_default_changes_are_judged_on_other_images_than_releases():
    changes = select("not-official", DEFAULT, "test", 28_000, release=False).rows
    releases = select("not-official", DEFAULT, "test", 28_000, release=True).rows
    assert releases.tolist() == list(range(official.IMAGES))
    assert changes.tolist() == list(range(official.IMAGES, 28_000))


@pytest.mark.parametrize(("head", "total"), [(OWN, 28_000), (DEFAULT, 300), (UNCLEAR, 28_000)])
def test_of_other_data_no_row_is_official(head: Snapshot, total: int):
    selection = select("not-official", head, "test", total, release=False)
    assert (len(selection.rows), selection.words) == (total, "")


@pytest.mark.parametrize(
    ("setting", "release", "rows"),
    [
        ("all", False, range(10)),
        ("1-4", False, range(4)),
        ("3-3", False, [2]),
        ("1-10", False, range(10)),
        ("1-4", True, range(4, 10)),
        ("3-9", True, [0, 1, 9]),
    ],
)
def test_a_range_counts_rows_from_1_and_leaves_the_others_to_a_release(setting, release, rows):
    assert select(setting, OWN, "test", 10, release).rows.tolist() == list(rows)


def test_words_state_what_is_used():
    assert select("1-4", OWN, "test", 1_000, release=False).words == " of 1,000, gate.rows: 1-4"
    assert "all but 1-4, as --release asks" in select("1-4", OWN, "test", 1_000, release=True).words


@pytest.mark.parametrize("setting", ["all", "not-official", "1-10"])
def test_a_release_without_rows_is_an_error(setting):
    with pytest.raises(PipelineError, match=f"{setting} leaves out none of the 10 test rows of the workspace: set"):
        select(setting, OWN, "test", 10, release=True)


def test_a_range_beyond_the_rows_is_an_error():
    with pytest.raises(PipelineError, match=r"gate\.rows is 1-11, and the workspace has 10 test rows"):
        select("1-11", OWN, "test", 10, release=False)


def test_of_validation_images_all_are_used():
    assert len(select("1-4", OWN, "validation", 10, release=False).rows) == 10


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Three commits, two of which changed a network's metrics."""
    (tmp_path / "metrics").mkdir()
    monkeypatch.chdir(tmp_path)
    repository = Repository(tmp_path)
    repository.git("init", "--quiet", "--initial-branch=main")
    for number, file in enumerate(["cnn", "data", "mlp"]):
        (tmp_path / f"metrics/{file}.json").write_text(str(number))
        repository.commit(file)
    return repository


def test_wear_counts_commits_that_changed_metrics_since_the_last_release(history: Repository):
    assert ": 2 since the first commit" in wear(of_workspace(), release=False)
    history.git("tag", "v0.1", "HEAD~2")
    history.git("tag", "trial", "HEAD")
    assert wear(of_workspace(), release=False).endswith(": 1 since the last release")
    history.git("tag", "v0.2")
    assert wear(of_workspace(), release=False).endswith(": 0 since the last release")


def test_wear_of_a_release_counts_releases(history: Repository):
    assert wear(of_workspace(), release=True).endswith(": 0")
    history.git("tag", "v0.1", "HEAD~2")
    history.git("tag", "v0.2")
    assert wear(of_workspace(), release=True).endswith(": 2")


def test_wear_in_a_shallow_clone_is_a_lower_bound(history: Repository, tmp_path: Path, monkeypatch):
    history.git("clone", "--quiet", "--depth", "1", history.root.as_uri(), str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    assert ": at least 1 since" in wear(of_workspace(), release=False)


def test_results_of_some_rows_are_in_their_order():
    whole = Results("test", {"test.loss": 1.0}, *(np.arange(3) + 10 * k for k in range(3)))
    part = whole.select(np.array([2, 0]))
    assert (part.actual.tolist(), part.predicted.tolist(), part.losses.tolist()) == ([2, 0], [12, 10], [22, 20])
