"""Fixtures that many tests share."""

import os
import signal

import hypothesis
import pytest

from stages.artifacts.arrays import Digits
from stages.artifacts.images import normalise
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import enlarged_digits
from tests.helpers.workspace import ROOT, Workspace, clone_project

# The same examples at every run, and what hypothesis notes of the code beside what pytest does.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".pytest_cache/hypothesis"))
hypothesis.settings.register_profile("stable", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("stable")

# A shell's background jobs ignore Ctrl-C, and so would the programs that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is marked end_to_end or browser as slow, too."""
    for item in items:
        if item.get_closest_marker("end_to_end") or item.get_closest_marker("browser"):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def digits() -> Table:
    return enlarged_digits()


@pytest.fixture(scope="session")
def subsets(digits: Table) -> tuple[Digits, Digits]:
    """1,050 digits for training and 747 for validation."""
    both = Digits(normalise(digits.pixels), digits.labels)
    return Digits(both.images[:1050], both.labels[:1050]), Digits(both.images[1050:], both.labels[1050:])


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return clone_project(tmp_path_factory.mktemp("clone") / "project")
