"""What `train` logged of each epoch, as rows for a chart. Never an error for the gate: curves decide nothing."""

import csv
import math
from typing import Literal, NamedTuple

from checks.gate.snapshot import HISTORY, Snapshot
from stages.artifacts.errors import PipelineError

Measure = Literal["accuracy", "loss"]


class Point(NamedTuple):
    """One measure after one epoch."""

    epoch: int
    measure: Measure
    subset: Literal["training", "validation"]
    value: float  # a share in [0, 1]; nats for the loss


def read_history(snapshot: Snapshot, network: str) -> list[Point]:
    """Return the finite points of a network's curves: a diverged run has NaN, which no chart can show.

    Raises PipelineError where the file is missing or is not of this form.
    """
    text = snapshot.file(HISTORY, network).decode("utf-8", "replace")
    points = []
    try:
        for row in csv.DictReader(text.splitlines()):
            epoch = int(row["epoch"])
            points += [
                Point(epoch, "accuracy", "training", float(row["accuracy"])),
                Point(epoch, "accuracy", "validation", float(row["val_accuracy"])),
                Point(epoch, "loss", "training", float(row["loss"])),
                Point(epoch, "loss", "validation", float(row["val_loss"])),
            ]
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        where = f"{HISTORY.replace('*', network)} of {snapshot.name}"
        raise PipelineError(f"{where} cannot be drawn ({error!r}): run dvc repro") from None
    return [point for point in points if math.isfinite(point.value)]
