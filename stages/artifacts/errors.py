"""The error that a user is meant to read, and the one frame in which every command runs and prints it.

Everything else that goes wrong is a bug and keeps its traceback.
"""

import argparse
import errno
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

INTERRUPTED = 128 + 2  # exit status, as a shell reports a process that Ctrl-C ended (SIGINT is 2)
BROKEN_PIPE = 128 + 13  # ... and one whose reader went away, such as `| head -1` (SIGPIPE is 13; Windows has none)

_REMEDIES = {
    errno.ENOSPC: "make room on that disk",
    errno.EROFS: "make its folder writable",
    errno.EACCES: "change the permissions of it or its folder",
}


class PipelineError(Exception):
    """Something that the user can fix: the message is one line that states what is wrong, where, and what to do.

    Further lines are notes (`add_note`).
    """


def run(main: Callable[[], int | None], description: str | None = None, prefix: str = "error", status: int = 1) -> None:
    """Call a command's `main` and end the process with the exit status that it returns (None: 0).

    An error that the user can fix ends it with `status` and one line after `prefix`. Given a description, the command
    takes no arguments: print it for --help, and refuse all else.
    """
    if description:
        argparse.ArgumentParser(f"python -m stages.{Path(sys.argv[0]).stem}", description=description).parse_args()
    with without_traceback(prefix, status):
        returned = main()
        sys.stdout.flush()  # here, as Python's own flush at the end would show a traceback
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python, as it ends, would show a traceback and then exit with 0
    if returned:
        sys.exit(returned)


@contextmanager
def without_traceback(prefix: str = "error", status: int = 1) -> Iterator[None]:
    """End the process with one line on stderr if the user can fix what failed or has pressed Ctrl-C.

    Without a line if nobody reads the output any more.
    """
    try:
        yield
    except PipelineError as error:
        _end(prefix, str(error), getattr(error, "__notes__", ()), status)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python flushes as it ends
        sys.exit(BROKEN_PIPE)
    except OSError as error:
        _end(prefix, _explain(error), (), status)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _end(prefix: str, message: str, notes: tuple[str, ...], status: int) -> None:
    print(f"{prefix}: {' '.join(message.split())}", *notes, sep="\n", file=sys.stderr)
    sys.exit(status)


def _explain(error: OSError) -> str:
    """Return where, what and, if known, what to do. Files without a name are temporary ones (see files.py)."""
    where = error.filename or (tempfile.gettempdir() if error.errno == errno.ENOSPC else "")
    parts = [where, error.strerror or str(error)]
    if error.errno in _REMEDIES:
        parts.append(f"{_REMEDIES[error.errno]}, then try again")
    return ": ".join(str(part) for part in parts if part)
