"""What head is compared with: the results of each base on the images of head."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from checks.gate.comparability import Pair, check_source, read_pairs
from checks.gate.figures import read_figure
from checks.gate.snapshot import Snapshot
from stages.artifacts.errors import PipelineError

Figure = Callable[[str, str], tuple[float, float]]  # a network and a measure, to its values in base and head


class Opponent(NamedTuple):
    """A base, and what the gate needs of it."""

    name: str
    pairs: dict[str, Pair]  # by network; all rows of head
    figure: Figure | None  # measures that the pairs do not give; None: they are not compared
    notes: list[str]
    rows: np.ndarray | None = None  # (n,) int64, those of head that it is compared on; None: all


def committed(base: Snapshot, head: Snapshot) -> list[Opponent]:
    """Return base by what Git holds of it. Raises PipelineError if it was not evaluated on the images of head."""
    pairs = read_pairs(base, head)
    subset = next(iter(pairs.values())).head.subset
    notes = check_source(base, head, subset)
    return [Opponent(base.name, pairs, partial(_read_figures, base, head, subset), notes)]


def _read_figures(base: Snapshot, head: Snapshot, subset: str, network: str, name: str) -> tuple[float, float]:
    if name == "speed":
        raise PipelineError(f"gate.metrics.{network}.speed needs both networks in one process: add --rerun-base")
    return read_figure(base, network, subset, name), read_figure(head, network, subset, name)
