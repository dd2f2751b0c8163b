"""What the commands of the gate share: their arguments and exit statuses."""

import argparse

from checks.gate import snapshot
from checks.gate.judge import Choices, judge
from checks.gate.rows import wear
from checks.gate.snapshot import Snapshot
from checks.gate.verdict import Verdict

FAILED = 1
NOT_COMPARABLE = 2
EPILOG = (
    "exit status: 0 no regression found; 1 a regression, no gain where gate.metrics asks for one, or with --strict a "
    "measure that is not decided; 2 cannot be compared (one line on stderr states why)"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name the sides, and those of the choices."""
    snapshot.add_arguments(parser)
    parser.add_argument(
        "--strict", action="store_true", help="fail also if a drop of more than its gate.margin cannot be excluded"
    )
    parser.add_argument(
        "--rerun-base",
        action="store_true",
        help="run the networks of the bases, from DVC's cache or a remote, on the test images of head: for new data",
    )
    parser.add_argument(
        "--release", action="store_true", help="use the test rows that gate.rows leaves out, which no change has seen"
    )
    parser.add_argument(
        "--accept-looser-gate",
        action="store_true",
        help="assess by the settings of head alone, even if those of a base are stricter; the result states them",
    )


def run(arguments: argparse.Namespace) -> tuple[Verdict, Snapshot, Snapshot]:
    """Return the verdict, BASE and head. Raises PipelineError if they cannot be compared."""
    bases, head = snapshot.sides(arguments)
    choices = Choices(**{name: getattr(arguments, name) for name in Choices._fields})
    return judge(bases, head, choices, [wear(head, choices.release)]), bases[0], head
