"""The error that a user is meant to read, and the frame that prints it without a traceback.

Everything else that goes wrong is a bug and keeps its traceback.
"""

import sys
from collections.abc import Callable


class PipelineError(Exception):
    """Something the user can mend: the message says what is wrong, where, and what to do."""


def run(main: Callable[[], None]) -> None:
    """Call a stage's `main`; end the process with one line on stderr where it fails for a reason the user can mend."""
    try:
        main()
    except (PipelineError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
