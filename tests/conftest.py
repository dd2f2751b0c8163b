"""Real digits without a network, and a clone of the project to run the real dvc in."""

import os
import signal
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from stages.artifacts import arrays
from stages.artifacts.arrays import Digits, Subset
from stages.artifacts.images import normalise
from stages.ingest.kaggle_csv import Table, read_blocks
from tests.helpers.workspace import ROOT, Workspace, clone_project, enlarged_digits, save_csv

__all__ = ["ROOT", "Workspace", "save_csv"]

# The same examples at every run, and what hypothesis notes of the code beside what pytest does.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".pytest_cache/hypothesis"))
hypothesis.settings.register_profile("stable", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("stable")

# What a shell starts in the background ignores Ctrl-C, and so would the programs that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def digits() -> Table:
    return enlarged_digits()


@pytest.fixture(scope="session")
def subsets(digits: Table) -> tuple[Digits, Digits]:
    """1,050 digits to train on, and 747 for validation."""
    both = Digits(normalise(digits.pixels), digits.labels)
    return Digits(both.images[:1050], both.labels[:1050]), Digits(both.images[1050:], both.labels[1050:])


def read_csv(path: Path) -> Table:
    """The whole of a CSV."""
    blocks = list(read_blocks(path))
    labels = None if blocks[0].labels is None else np.concatenate([block.labels for block in blocks])
    return Table(np.concatenate([block.pixels for block in blocks]), labels)


def save_prepared(subsets: dict[Subset, Digits]) -> None:
    """Write the arrays of all subsets, into the current folder's data/prepared; those not given are empty."""
    with arrays.writing() as writers:
        for subset, digits in subsets.items():
            writers[subset].append(digits)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return clone_project(tmp_path_factory.mktemp("clone") / "project")
