"""The result of checks.regression, of the workspace against the commit BASE, as a page and as Markdown.

DIR/index.html shows the verdict and, against BASE, the params, data and metrics that differ, the curves, the confusion
matrices, and the images that only one side classifies correctly; it is one file and loads nothing. DIR/report.md shows
the same in a pull request, with its pictures next to it. Needs no DVC remote and no cache; the pictures of images need
data/prepared.
"""

import argparse
from pathlib import Path

from checks.gate import command, tables
from checks.page import pages, sections
from stages.artifacts.errors import run


def main() -> int:
    arguments = parse_arguments()
    verdict, base, head = command.run(arguments)
    pages.save(verdict, list(sections.blocks(base, head, verdict)), arguments.output)
    print(tables.conclusion(verdict))
    print(f"page: {arguments.output / 'index.html'}\nMarkdown: {arguments.output / 'report.md'}")
    return command.FAILED if verdict.failed else 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m checks.report",
        description=__doc__,
        epilog=command.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_arguments(parser)
    parser.add_argument(
        "-o", "--output", metavar="DIR", type=Path, default=Path("report"), help="where to write it (default: report)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    run(main, prefix="not comparable", status=command.NOT_COMPARABLE)
