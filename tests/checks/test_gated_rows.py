"""The rows on which a change and a release are judged: on real commits."""

import json

import numpy as np
import pytest

from tests.helpers.commands import assert_not_comparable
from tests.helpers.repository import NETWORKS, Repository, labels


@pytest.fixture
def default_data(repository: Repository) -> Repository:
    """As many test images as the default data has."""
    actual = labels(28_000)
    repository.write_params(floor=0.9, rows="not-official")
    for network in NETWORKS:
        repository.write_results(network, seed=10, actual=actual)
    repository.commit("the default data")
    return repository


def drop_in(repository: Repository, rows: slice) -> None:
    """Make the cnn lose 20 of these rows, from 0."""
    shift = np.zeros(28_000)
    shift[rows][:20] = -20
    repository.write_results("cnn", seed=10, shift=shift, actual=labels(28_000))


def test_a_change_is_not_judged_on_the_official_images(default_data, gate):
    drop_in(default_data, slice(10_000))
    status, out, _ = gate("HEAD")
    assert status == 0
    assert "18,000 test images of 28,000, gate.rows: not-official" in out
    assert "commits that changed metrics/, so that these rows judged them: 2 since the first commit" in out
    status, out, _ = gate("HEAD", "--release")
    assert status == 1
    assert "10,000 test images of 28,000, gate.rows: all but not-official" in out


def test_a_release_is_judged_on_the_official_images_alone(default_data, gate):
    drop_in(default_data, slice(10_000, None))
    assert gate("HEAD")[0] == 1
    assert gate("HEAD", "--release")[0] == 0


def test_the_floor_is_of_the_rows_that_are_used(default_data, gate):
    default_data.write_results("cnn", seed=10, shift=np.where(np.arange(28_000) < 10_000, -4, 0), actual=labels(28_000))
    default_data.commit("worse on the official images")
    assert gate("HEAD")[0] == 0
    assert gate("HEAD", "--release")[1].splitlines()[-1] == "REGRESSION: cnn: below its floor"


def test_json_states_the_rows(default_data, gate):
    tree = json.loads(gate("HEAD", "--json")[1])
    assert (tree["images"], tree["rows"], tree["release"]) == (18_000, "not-official", False)


def test_the_rows_are_those_of_base(repository, gate):
    repository.write_params(floor=0.9, rows="1-1000")
    repository.commit("a range")
    repository.write_params(floor=0.9, rows="2001-3000")
    status, out, _ = gate("HEAD")
    assert status == 0
    assert "1,000 test images of 3,000, gate.rows: 1-1000" in out
    assert "note: gate.rows is 1-1000 as in" in out
    assert "LOOSER GATE: gate.rows is 2001-3000 as in" in gate("HEAD", "--accept-looser-gate")[1]


def test_a_release_needs_rows_that_no_change_has_seen(repository, gate):
    assert_not_comparable(gate, ("HEAD", "--release"), "--release uses the rows that gate.rows leaves out")


def test_of_two_bases_the_rows_of_the_first_count(repository, gate):
    repository.write_params(floor=0.9, rows="1-1000")
    repository.commit("a range")
    repository.git("tag", "v1.0")
    repository.write_params(floor=0.9, rows="1-2000")
    repository.commit("another range")
    assert "2,000 test images of 3,000" in gate("HEAD", "--also", "v1.0")[1]
