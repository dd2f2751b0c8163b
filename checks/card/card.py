"""What the model card says, worked out from the files that Git holds, and from nothing else.

Never repairs: a file that is missing, or contradicts another, is an error.
"""

import json
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import yaml

from checks.card.network import Network, read_network
from checks.gate.official import MNIST
from checks.gate.snapshot import LOCK, PEERS, Snapshot
from stages.artifacts import arrays
from stages.artifacts.arrays import Subset
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import SIDE
from stages.config.params import PARAMS_FILE, ModelName, Params
from stages.config.strict_yaml import parse

_IMAGE_BYTES = SIDE * SIDE * np.dtype(np.float32).itemsize


@dataclass(frozen=True)
class Card:
    params: Params
    rows: dict[Subset, int]
    shown: Literal["test", "validation"]  # the subset that recalls, mistakes and curves are of
    networks: list[Network]
    machine: str  # that the benchmark ran on; empty where it says nothing of these networks

    @property
    def mnist(self) -> bool:
        """Whether the images are those that download brings."""
        return self.params.data == MNIST


def collect(snapshot: Snapshot) -> Card:
    """Raises PipelineError where a file that `dvc repro` makes is missing, malformed or contradicts another."""
    if PARAMS_FILE.name not in snapshot.files:
        raise PipelineError(f"{snapshot.name} has no {PARAMS_FILE}: run from the repository's root")
    params = parse(Params, snapshot.files[PARAMS_FILE.name], f"{PARAMS_FILE} of {snapshot.name}")
    rows = _count_rows(snapshot)
    benchmark = json.loads(snapshot.files.get(PEERS, '{"rows": [], "machine": ""}'))
    networks = [read_network(snapshot, name, params, rows, benchmark["rows"]) for name in get_args(ModelName)]
    machine = benchmark["machine"] if any(network.fits for network in networks) else ""
    return Card(params, rows, networks[0].shown, networks, machine)


def _count_rows(snapshot: Snapshot) -> dict[Subset, int]:
    """Return the number of images of each subset, by the size of its file: the header is smaller than an image."""
    try:
        outs = yaml.safe_load(snapshot.files.get(LOCK, b""))["stages"]["preprocess"]["outs"]
        sizes = {out["path"]: out["size"] for out in outs}
        return {name: sizes[arrays.images_path(name).as_posix()] // _IMAGE_BYTES for name in get_args(Subset)}
    except (yaml.YAMLError, KeyError, TypeError):
        raise PipelineError(
            f"{LOCK} of {snapshot.name} does not say how many images there are: run dvc repro"
        ) from None
