"""Workspaces in which the pipeline ran on a user's data."""

from pathlib import Path

import pytest

from stages.ingest.kaggle_csv import Table
from tests.helpers.own_run import Longer, run_once, train_for_longer
from tests.helpers.workspace import Workspace


@pytest.fixture(scope="session")
def done(digits: Table, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """After one run, for tests that change nothing."""
    return run_once(tmp_path_factory.mktemp("done") / "project", digits)


@pytest.fixture(scope="session")
def longer(done: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Longer:
    """After a second run with other params, for tests that change nothing."""
    return train_for_longer(done, tmp_path_factory.mktemp("longer") / "project")


@pytest.fixture
def copy(done: Workspace, tmp_path: Path) -> Workspace:
    """A copy of `done` to change."""
    return done.copy_to(tmp_path / "project")
