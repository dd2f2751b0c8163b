"""What is excluded, and what is not decided: on real commits."""

import json
import re

import pytest

from tests.helpers.repository import Repository, lose


@pytest.fixture
def doubtful(repository: Repository) -> Repository:
    """A cnn of another seed, and margins that are too small to exclude anything."""
    repository.write_params(floor=0.9, accuracy=0.0001, loss=0.0001, recall=0.0001)
    repository.write_results("cnn", seed=11)
    return repository


def test_what_is_not_decided_passes_and_is_named(doubtful, gate):
    status, out, _ = gate("HEAD")
    assert status == 0
    assert re.search(
        r"^no regression found: .*; not decided whether a drop exceeds its margin: cnn: accuracy, ", out, re.M
    )
    assert re.search(r"^cnn +accuracy +not decided ", out, re.M)
    assert re.search(r"^mlp +accuracy +no difference ", out, re.M)


def test_strict_fails_what_is_not_decided(doubtful, gate):
    status, out, _ = gate("HEAD", "--strict")
    assert status == 1
    assert out.splitlines()[-1].startswith("NOT DECIDED: cnn: accuracy, ")
    tree = json.loads(gate("HEAD", "--strict", "--json")[1])
    assert tree["failed"] is True
    assert "accuracy" in tree["undecided"]["cnn"]


def test_strict_passes_if_a_drop_of_more_than_the_margins_is_excluded(repository, gate):
    repository.write_results("cnn", seed=11)
    status, out, _ = gate("HEAD", "--strict")
    assert status == 0
    assert out.splitlines()[-1].endswith("; drops of more than the margins are excluded")
    assert re.search(r"^cnn +loss +no rise > 0.02 ", out, re.M)


def test_strict_passes_networks_without_a_difference(repository, gate):
    repository.write_params(floor=0.9, recall=0.0001)
    assert gate("HEAD", "--strict")[0] == 0


def test_a_regression_is_one_even_if_it_is_less_than_the_margin(repository, gate):
    lose(repository, 12)
    repository.write_params(floor=0.9, accuracy=0.5, loss=0.5, recall=0.5)
    repository.commit("wide margins")
    repository.write_results("mlp", seed=10)
    assert gate("HEAD~1", "--accept-looser-gate")[0] == 1


def test_the_smaller_margin_of_both_sides_counts(doubtful, gate):
    doubtful.commit("small margins")
    doubtful.write_params(floor=0.9)
    status, out, _ = gate("HEAD~1", "--also", "HEAD", "--strict")
    assert status == 1
    assert "note: gate.margin.loss is 0.0001 as in" in out
