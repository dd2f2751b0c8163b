"""Metrics, tables and figures as files that Git holds: written atomically, and the same bytes in every run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from stages.artifacts.files import atomic_write


def save_metrics(path: Path, values: Mapping[str, Any]) -> None:
    """Write nested figures as JSON."""
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(values, indent=2, allow_nan=False) + "\n", encoding="utf-8", newline="\n")


def save_table(path: Path, table: pd.DataFrame) -> None:
    """Write a CSV, floats to five places."""
    with atomic_write(path) as partial:
        table.to_csv(partial, index=False, float_format="%.5f", lineterminator="\n")


def save_figure(path: Path, figure: Figure) -> None:
    """Write a PNG without matplotlib's version in it."""
    with atomic_write(path) as partial:
        figure.savefig(partial, format="png", dpi=80, metadata={"Software": None})
