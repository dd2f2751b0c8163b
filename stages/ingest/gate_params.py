"""The section `gate` of params.yaml: apart from params.py, as no training depends on it."""

from pydantic import Field

from stages.config.strict_yaml import StrictModel, parse


class FloorParams(StrictModel):
    mlp: float = Field(ge=0, le=1)
    cnn: float = Field(ge=0, le=1)


class MarginParams(StrictModel):
    accuracy: float = Field(gt=0, le=1)
    loss: float = Field(gt=0, le=100)  # nats
    recall: float = Field(gt=0, le=1)


class GateParams(StrictModel):
    alpha: float = Field(ge=0.001, le=0.5)
    floor: FloorParams
    margin: MarginParams


class _AnyParams(StrictModel, extra="ignore"):
    gate: GateParams


def parse_gate(text: bytes, source: str) -> GateParams:
    """Check the `gate` section alone, as another commit's params.yaml may differ in everything else."""
    return parse(_AnyParams, text, source).gate
