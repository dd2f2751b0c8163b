"""The section `gate` of params.yaml: apart from params.py, as no training depends on it."""

from typing import Any, Self

from pydantic import Field, create_model, field_validator, model_validator
from pydantic_core import PydanticCustomError

from stages.artifacts.images import CLASSES
from stages.config.strict_yaml import StrictModel, parse


def _of_digits(measure: str) -> tuple[str, ...]:
    return tuple(f"{measure}.{digit}" for digit in range(CLASSES))


CORRUPTIONS = ("blur", "noise", "rotation", "shift")
# Measures that the gate limits only if gate.metrics names them, but for the first two and the recalls
NAMES = (
    "accuracy", "loss", *_of_digits("recall"), *_of_digits("precision"), *_of_digits("f1"), "brier", "ece",
    *(f"robustness.{name}" for name in CORRUPTIONS), "model_bytes", "speed",
)  # fmt: skip


class FloorParams(StrictModel):
    mlp: float = Field(ge=0, le=1)
    cnn: float = Field(ge=0, le=1)


class MarginParams(StrictModel):
    accuracy: float = Field(gt=0, le=1)
    loss: float = Field(gt=0, le=100)  # nats
    recall: float = Field(gt=0, le=1)


class LimitParams(StrictModel):
    """How much worse a measure may be, or how much better it has to be; one of the two is necessary."""

    max_drop: float | None = Field(default=None, ge=0, le=1e9)  # of the change for the worse, be it a rise
    min_gain: float | None = Field(default=None, ge=0, le=1e9)  # of the change for the better
    relative: bool = False  # both are fractions of the value of base

    @model_validator(mode="after")
    def _check_limits(self) -> Self:
        if self.max_drop is None and self.min_gain is None:
            raise PydanticCustomError("limit", "expected max_drop, min_gain or both")
        return self


class _LimitsOfANetwork(StrictModel):
    """Limits by the name of the measure."""

    @model_validator(mode="before")
    @classmethod
    def _check_names(cls, limits: Any) -> Any:
        for name in limits if isinstance(limits, dict) else ():
            if name not in NAMES:
                known = "accuracy, loss, recall.0 to recall.9, precision.0 to precision.9, f1.0 to f1.9, "
                known += ", ".join(NAMES[NAMES.index("brier") :])
                message = "unknown measure {name}; there are {known}"
                raise PydanticCustomError("measure", message, {"name": repr(name), "known": known})
        return limits

    @model_validator(mode="after")
    def _check_margins(self) -> Self:
        for name in self.model_fields_set:
            kind = name.split(".")[0]
            if kind in MarginParams.model_fields and getattr(self, name).max_drop is not None:
                message = "{name} has only min_gain here: gate.margin.{kind} limits its drop"
                raise PydanticCustomError("margin", message, {"name": name, "kind": kind})
        return self


_LimitsByMeasure = create_model(
    "_LimitsByMeasure",
    __base__=_LimitsOfANetwork,
    **dict.fromkeys(NAMES, (LimitParams, None)),  # type: ignore[call-overload]
)


class MetricsParams(StrictModel):
    mlp: _LimitsByMeasure  # type: ignore[valid-type]
    cnn: _LimitsByMeasure  # type: ignore[valid-type]

    def of(self, network: str) -> dict[str, LimitParams]:
        """Return the limits of a network by the name of the measure."""
        limits = getattr(self, network)
        return {name: getattr(limits, name) for name in NAMES if name in limits.model_fields_set}


class GateParams(StrictModel):
    alpha: float = Field(ge=0.001, le=0.5)
    rows: str = Field(
        pattern="^(all|not-official|[1-9][0-9]*-[1-9][0-9]*)$",
        description="all, not-official, or the first and the last row of a range, such as 1-5000",
    )
    floor: FloorParams
    margin: MarginParams
    metrics: MetricsParams

    @field_validator("rows")
    @classmethod
    def _check_order(cls, rows: str) -> str:
        if rows[0].isdigit():
            first, last = map(int, rows.split("-"))
            if first > last:
                raise PydanticCustomError("rows", "expected a first row before the last")
        return rows


class _AnyParams(StrictModel, extra="ignore"):
    gate: GateParams


def parse_gate(text: bytes, source: str) -> GateParams:
    """Check the `gate` section alone, as another commit's params.yaml may differ in everything else."""
    return parse(_AnyParams, text, source).gate
