"""The section `gate` of params.yaml: apart from params.py, as no training depends on it."""

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

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
    rows: str = Field(
        pattern="^(all|not-official|[1-9][0-9]*-[1-9][0-9]*)$",
        description="all, not-official, or the first and the last row of a range, such as 1-5000",
    )
    floor: FloorParams
    margin: MarginParams

    @field_validator("rows")
    @classmethod
    def _check_order(cls, rows: str) -> str:
        if "-" in rows and rows[0].isdigit():
            first, last = map(int, rows.split("-"))
            if first > last:
                raise PydanticCustomError("rows", "expected a first row before the last")
        return rows


class _AnyParams(StrictModel, extra="ignore"):
    gate: GateParams


def parse_gate(text: bytes, source: str) -> GateParams:
    """Check the `gate` section alone, as another commit's params.yaml may differ in everything else."""
    return parse(_AnyParams, text, source).gate
