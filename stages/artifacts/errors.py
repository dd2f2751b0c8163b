"""The error that a user is meant to read, and the frame that prints it without a traceback.

Everything else that goes wrong is a bug and keeps its traceback.
"""

import argparse
import errno
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_REMEDIES = {
    errno.ENOSPC: "make room on that disk",
    errno.EROFS: "make its folder writable",
    errno.EACCES: "change the permissions of it or its folder",
}


class PipelineError(Exception):
    """Something the user can mend: the message says what is wrong, where, and what to do."""


def run(main: Callable[[], None], description: str | None = None) -> None:
    """Call a stage's `main`, without a traceback where it fails for a reason the user can mend.

    Given a description, the stage takes no arguments: print it for --help, and refuse all else.
    """
    if description:
        argparse.ArgumentParser(f"python -m stages.{Path(sys.argv[0]).stem}", description=description).parse_args()
    with without_traceback():
        main()
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python, as it ends, would show a traceback and then exit with 0


@contextmanager
def without_traceback() -> Iterator[None]:
    """End the process with one line on stderr where a user can mend what failed, or has pressed Ctrl-C."""
    try:
        yield
    except PipelineError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(f"error: {_explain(error)}")
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


def _explain(error: OSError) -> str:
    """Say where, what and, if known, what to do. Files without a name are temporary ones (see whole_files)."""
    where = error.filename or (tempfile.gettempdir() if error.errno == errno.ENOSPC else "")
    parts = [where, error.strerror or str(error)]
    if error.errno in _REMEDIES:
        parts.append(f"{_REMEDIES[error.errno]}, then try again")
    return ": ".join(str(part) for part in parts if part)
