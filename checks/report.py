"""What checks.regression says of the workspace against the commit BASE, as a page and as Markdown for a pull request.

DIR/index.html shows the verdict, the params and metrics that differ, the curves, the confusion matrices, and the images
that only one of the two gets right; it is one file and loads nothing. DIR/report.md shows the same, its pictures beside
it. Needs no DVC remote and no cache; for the pictures of images the workspace has to have data/prepared.
"""

import argparse
from pathlib import Path

from checks.gate import snapshot, tables
from checks.gate.verdict import compare
from checks.regression import NOT_COMPARABLE, REGRESSION
from stages.artifacts.errors import PipelineError, run


def main() -> int:
    arguments = parse_arguments()
    try:
        from checks.page import contents, pages  # here, as checks.regression runs without their libraries
    except ModuleNotFoundError as error:
        if error.name not in ("jinja2", "vl_convert"):
            raise
        raise PipelineError(f"{error.name} is not installed: pip install -r requirements-dev.txt") from None
    base, head = snapshot.sides(arguments)
    comparison = compare(base, head)
    collected = contents.collect(base, head, comparison)
    pages.save(collected, arguments.output)
    print(tables.conclusion(comparison))
    print(f"page: {arguments.output / 'index.html'}\nMarkdown: {arguments.output / 'report.md'}")
    return REGRESSION if comparison.regressions else 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m checks.report",
        description=__doc__,
        epilog="exit status: 0 no regression; 1 a regression; 2 cannot be compared (why, in a line on stderr; no page)",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    snapshot.add_arguments(parser)
    parser.add_argument(
        "-o", "--output", metavar="DIR", type=Path, default=Path("report"), help="where to write it (default: report)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    run(main, prefix="not comparable", status=NOT_COMPARABLE)
