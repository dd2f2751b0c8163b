"""Are the results of two sides on the same images? If not, or if that is unclear, an error states why."""

from typing import NamedTuple, get_args

import numpy as np

from checks.gate.lock import read_stage
from checks.gate.results import Results, read_results
from checks.gate.snapshot import LOCK, METRICS, Snapshot
from stages.artifacts.errors import PipelineError
from stages.artifacts.paths import ModelName


class Pair(NamedTuple):
    """A network's results on both sides, on the same images in the same order."""

    base: Results
    head: Results

    def select(self, rows: np.ndarray) -> "Pair":
        return Pair(self.base.select(rows), self.head.select(rows))


def read_pairs(base: Snapshot, head: Snapshot) -> dict[str, Pair]:
    """Return each network's results. Raises PipelineError if the two sides cannot be compared."""
    of_base, of_head = read_networks(base), read_networks(head)
    for network in of_head:
        _require_same_images(network, base, head, Pair(of_base[network], of_head[network]))
    _require_one_set(head, of_head)
    return {network: Pair(of_base[network], of_head[network]) for network in of_head}


def read_head(head: Snapshot) -> dict[str, Results]:
    """Return the results of each network of head alone. Raises PipelineError if they are not on the same images."""
    of_head = read_networks(head)
    _require_one_set(head, of_head)
    return of_head


def read_networks(side: Snapshot) -> dict[str, Results]:
    for unknown in sorted(side.networks() - set(get_args(ModelName))):
        found = METRICS.replace("*", unknown)
        raise PipelineError(f"{side.name} has {found}, and params.yaml names no network {unknown!r}")
    return {name: read_results(side, name) for name in get_args(ModelName)}


def check_source(base: Snapshot, head: Snapshot, subset: str) -> list[str]:
    """Compare the sources of the images, as labels alone may agree by chance.

    Returns a note for each side whose dvc.lock names no source. Raises PipelineError if both name one, and differ.
    """
    sources = [_source(snapshot, subset) for snapshot in (base, head)]
    if None not in sources and sources[0] != sources[1]:
        message = f"different {subset} images: {LOCK} of {head.name} and {base.name} name different sources"
        raise _different(message, subset)
    unknown = [side.name for side, source in zip((base, head), sources, strict=True) if source is None]
    return [f"{LOCK} of {name} names no source of the images: only their labels were compared" for name in unknown]


def _different(message: str, subset: str) -> PipelineError:
    remedy = "; --rerun-base runs the networks of base on the images of head" if subset == "test" else ""
    return PipelineError(f"{message}{remedy}")


def _require_one_set(head: Snapshot, of_head: dict[str, Results]) -> None:
    first = next(iter(of_head.values()))
    if not all(np.array_equal(first.actual, own.actual) for own in of_head.values()):
        raise PipelineError(f"{head.name}: the networks' predictions.csv have different images: run dvc repro")


def _source(snapshot: Snapshot, subset: str) -> tuple | None:
    """Return what the images were made from, or None if dvc.lock does not name it.

    The CSV's hash, not that of the prepared images: if preprocessing changes, the images remain comparable.
    """
    stage = read_stage(snapshot, "preprocess")
    try:
        params = stage["params"]["params.yaml"]
        hashes = {dep["path"]: dep["md5"] for dep in stage["deps"]}
        if subset == "test":
            return (hashes[params["data"]["test_csv"]],)
        return hashes[params["data"]["train_csv"]], params["seed"], params["split"]
    except (KeyError, TypeError):
        return None


def _require_same_images(network: str, base: Snapshot, head: Snapshot, pair: Pair) -> None:
    subset, here, there = pair.head.subset, pair.head.actual, pair.base.actual
    if pair.base.subset != subset:
        labelled, unlabelled = (base, head) if pair.base.subset == "test" else (head, base)
        raise _different(f"{labelled.name} has test labels and {unlabelled.name} has none ({network})", subset)
    rows = f"{subset} rows of {network}"
    if len(here) != len(there):
        raise _different(f"different {rows}: {len(there):,} in {base.name}, {len(here):,} in {head.name}", subset)
    if not np.array_equal(here, there):
        if np.array_equal(np.sort(here), np.sort(there)):
            message = f"the {rows} are in a different order in {head.name} than in {base.name}"
            raise _different(message, subset)
        line = int(np.argmax(here != there)) + 2
        message = f"different {rows}: labels of {head.name} and {base.name} differ, first in line {line}"
        raise _different(message, subset)
