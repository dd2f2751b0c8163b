"""The section `gate` of params.yaml: apart from params.py, as nothing that is trained depends on it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from stages.config.strict_yaml import Between, parse


@dataclass(frozen=True)
class FloorParams:
    mlp: Annotated[float, Between(0, 1)]
    cnn: Annotated[float, Between(0, 1)]


@dataclass(frozen=True)
class GateParams:
    alpha: Annotated[float, Between(0.001, 0.5)]
    floor: FloorParams


def parse_gate(text: bytes, source: str) -> GateParams:
    """Check the `gate` section alone, as another commit's params.yaml may differ in all else."""
    return parse(GateParams, text, source, section="gate")


def check_gate(path: Path) -> None:
    """Raise PipelineError if the gate would not take the `gate` section of this params.yaml."""
    parse_gate(path.read_bytes(), str(path))
