"""What the tests of the gate and of its page share."""

from pathlib import Path

import pytest

from tests.helpers.repository import Repository


@pytest.fixture
def repository(committed: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A copy of the module's repository, as the current folder."""
    copy = committed.copy_to(tmp_path / "repository")
    monkeypatch.chdir(copy.root)
    return copy
