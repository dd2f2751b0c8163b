"""The CSVs of plots/ that the report shows and the gate does not read."""

import io

import pandas as pd

from checks.gate.snapshot import CALIBRATION, HISTORY, Snapshot
from stages.artifacts.errors import PipelineError


def read_history(side: Snapshot, network: str) -> pd.DataFrame:
    """Return float64 rows by epoch. Raises PipelineError if the file is missing or malformed."""
    return _read(side, HISTORY, network, "epoch", ["accuracy", "val_accuracy", "loss", "val_loss"]).reset_index()


def read_calibration(side: Snapshot, network: str) -> dict[str, float]:
    """Return values by dotted name, such as test.ece. Raises PipelineError if the file is missing or malformed."""
    rows = _read(side, CALIBRATION, network, "subset", ["brier", "ece"])
    return {f"{subset}.{name}": float(rows.loc[subset, name]) for subset in rows.index for name in rows.columns}


def _read(side: Snapshot, pattern: str, network: str, index: str, columns: list[str]) -> pd.DataFrame:
    text = side.file(pattern, network)
    try:
        rows = pd.read_csv(io.BytesIO(text), index_col=index)[columns].astype(float)
        if not rows.index.is_unique:
            raise ValueError(f"a {index} appears twice")
        return rows
    except (KeyError, ValueError) as error:
        where = f"{pattern.replace('*', network)} of {side.name}"
        raise PipelineError(f"{where} is malformed ({error}): run dvc repro") from None
