"""Tables for pull requests, the README and the model card."""

from collections.abc import Sequence

from tabulate import tabulate


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], align: str = "right") -> str:
    """Return a Markdown table of ready-made cells: the first column to the left, the others as `align` says."""
    columns = ["left", *[align] * (len(headings) - 1)]
    return tabulate(rows, headings, tablefmt="pipe", colalign=columns, disable_numparse=True)
