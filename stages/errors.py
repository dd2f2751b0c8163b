"""The error that a user is meant to read, and the frame that prints it without a traceback.

Everything else that goes wrong is a bug and keeps its traceback.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path


class PipelineError(Exception):
    """Something the user can mend: the message says what is wrong, where, and what to do."""


def run(main: Callable[[], None], description: str | None = None) -> None:
    """Call a stage's `main`; end the process with one line on stderr where it fails for a reason the user can mend.

    Given a description, the stage takes no arguments: print it for --help, and refuse all else.
    """
    if description:
        argparse.ArgumentParser(f"python -m stages.{Path(sys.argv[0]).stem}", description=description).parse_args()
    try:
        main()
    except (PipelineError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
