"""Commands that run in the test's own process."""

import sys
from collections.abc import Callable

import pytest

from stages.artifacts.errors import run


def exit_status(
    monkeypatch: pytest.MonkeyPatch,
    main: Callable[[], int | None],
    *arguments: str,
    prefix: str = "error",
    status: int = 1,
) -> int:
    """Run a command's `main` with these arguments, in the frame of `errors.run`; return its exit status."""
    monkeypatch.setattr(sys, "argv", [main.__module__, *arguments])
    try:
        run(main, prefix=prefix, status=status)
    except SystemExit as end:
        return end.code
    return 0


def assert_not_comparable(gate: Callable[..., tuple[int, str, str]], arguments: tuple[str, ...], *words: str) -> None:
    """Check that the gate ends with 2 and one line that has these words."""
    status, out, err = gate(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("not comparable: ")
    assert err.count("\n") == 1
    for word in words:
        assert word in err
