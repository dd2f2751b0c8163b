"""A second base: on real commits."""

import json
import re

import pytest

from tests.helpers.commands import assert_not_comparable
from tests.helpers.repository import Repository, lose


@pytest.fixture
def chain(repository: Repository) -> Repository:
    """A release, and two small drops since; a third in the workspace."""
    repository.git("tag", "v1.0")
    for images in (4, 8):
        lose(repository, images)
        repository.commit(f"{images} lost")
    lose(repository, 12)
    return repository


def test_a_chain_of_small_drops_is_a_regression_since_the_release(chain, gate):
    assert gate("HEAD")[0] == 0
    status, out, _ = gate("HEAD", "--also", "v1.0")
    assert status == 1
    release = f"{chain.git('rev-parse', 'v1.0')[:10]} (v1.0)"
    assert out.splitlines()[-1] == f"REGRESSION: cnn: accuracy (against {release}), loss (against {release})"
    rows = [line for line in out.splitlines() if re.search(r"\) +cnn +accuracy ", line)]
    assert [row.split()[1] for row in rows] == ["(HEAD)", "(v1.0)"]


def test_both_bases_share_one_alpha(chain, gate):
    changes = json.loads(gate("HEAD", "--also", "v1.0", "--json")[1])["changes"]
    assert len(changes) == 2 * 2 * 12
    for change in changes:
        if change["measure"] == "accuracy":
            assert change["p_corrected"] == min(1, 2 * 2 * 3 * change["p"])


def test_the_same_commit_twice_is_one_base(repository, gate):
    assert gate("HEAD", "--also", "main") == gate("HEAD")


def test_the_second_base_has_to_be_comparable(repository, gate):
    assert_not_comparable(gate, ("HEAD", "--also", "v9"), "'v9' is not a commit")
    repository.git("tag", "v1.0")
    repository.write_lock("2" * 32)
    repository.commit("other images")
    assert gate("HEAD")[0] == 0
    assert_not_comparable(gate, ("HEAD", "--also", "v1.0"), "different test images", "(v1.0)")


def test_the_strictest_gate_of_both_bases_counts(repository, gate):
    repository.git("tag", "v1.0")
    repository.write_params(floor=0.5)
    repository.commit("a lower floor")
    assert "note: gate.floor.mlp is 0.9" in gate("HEAD", "--also", "v1.0")[1]
