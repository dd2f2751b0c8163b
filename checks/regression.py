"""Is the workspace worse than the commit BASE? Compares their predictions and losses image by image.

Tests the accuracy and the recall of each digit by McNemar's exact test, the loss by a sign-flip test, and compares the
accuracy with the floors in params.yaml. That no regression is found does not show that the network is not worse: for
each measure the gate states whether its interval excludes a drop of more than gate.margin, and --strict fails if not.

Of each setting the stricter counts, that of BASE or that of the side that is assessed. Of a chain of small drops, each
is within the noise of the last and their sum is not: --also compares with a commit that does not move. Reads Git and
the workspace: needs no DVC remote, no cache and no TensorFlow. If the test images differ, --rerun-base fetches the
networks of BASE and runs them on those of the workspace.
"""

import argparse

from checks.gate import command, tables
from stages.artifacts.errors import run


def main() -> int:
    arguments = parse_arguments()
    verdict, _, _ = command.run(arguments)
    print(arguments.render(verdict))
    return command.FAILED if verdict.failed else 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m checks.regression",
        description=__doc__,
        epilog=command.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_arguments(parser)
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument(
        "--md", dest="render", action="store_const", const=tables.markdown, help="print Markdown, for a pull request"
    )
    forms.add_argument(
        "--json", dest="render", action="store_const", const=tables.as_json, help="print JSON with every recall"
    )
    parser.set_defaults(render=tables.text)
    return parser.parse_args()


if __name__ == "__main__":
    run(main, prefix="not comparable", status=command.NOT_COMPARABLE)
