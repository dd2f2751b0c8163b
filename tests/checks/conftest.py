"""What the tests of the gate and of its page share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from checks import regression
from checks.gate import command
from tests.helpers.commands import exit_status
from tests.helpers.repository import Repository


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """One commit; a module may have another."""
    return Repository.create(tmp_path_factory.mktemp("committed") / "repository")


@pytest.fixture
def repository(committed: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A copy of the module's repository, as the current folder."""
    copy = committed.copy_to(tmp_path / "repository")
    monkeypatch.chdir(copy.root)
    return copy


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command; return its exit status, and what it printed to stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        status = exit_status(
            monkeypatch, regression.main, *arguments, prefix="not comparable", status=command.NOT_COMPARABLE
        )
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run
