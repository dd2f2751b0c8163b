"""params.yaml as frozen dataclasses: the one door through which settings come in, and a strict one.

Checks every key, type and range before any work begins. Never fills in a default.
"""

import difflib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import yaml

from stages.errors import PipelineError

PARAMS_FILE = Path("params.yaml")


class Between(NamedTuple):
    """The range of a number, or of each number in a list, both ends included."""

    low: float
    high: float


ModelName = Literal["mlp", "cnn"]
# The names that keras.optimizers.get takes; listed here so that a misspelt one fails without TensorFlow's start-up.
OptimizerName = Literal[
    "adadelta", "adafactor", "adagrad", "adam", "adamax", "adamw", "ftrl", "lamb", "lion", "muon", "nadam",
    "rmsprop", "schedulefreeadamw", "sgd",
]  # fmt: skip


@dataclass(frozen=True)
class DataParams:
    train_csv: str
    test_csv: str


@dataclass(frozen=True)
class SplitParams:
    validation: Annotated[float, Between(0.001, 0.9)]


@dataclass(frozen=True)
class AugmentParams:
    rotation: Annotated[float, Between(0, 180)]  # degrees
    zoom: Annotated[float, Between(0, 0.9)]  # fraction
    shear: Annotated[float, Between(0, 2)]  # pixels a pixel
    shift: Annotated[float, Between(0, 28)]  # pixels
    final_epochs: Annotated[int, Between(0, 10_000)]
    final_strength: Annotated[float, Between(0, 1)]


@dataclass(frozen=True)
class ModelParams:
    layers: Annotated[tuple[int, ...], Between(1, 8192)]
    dropout: Annotated[float, Between(0, 0.95)]
    epochs: Annotated[int, Between(1, 10_000)]
    batch_size: Annotated[int, Between(1, 65_536)]
    optimizer: OptimizerName
    learning_rate: Annotated[float, Between(1e-8, 100)]
    warmup: Annotated[float, Between(0, 1)]
    weight_decay: Annotated[float, Between(0, 1)]
    members: Annotated[int, Between(1, 1000)]
    augment: AugmentParams


@dataclass(frozen=True)
class CnnParams(ModelParams):
    layers: Annotated[tuple[int, int, int, int], Between(1, 8192)]  # channels


@dataclass(frozen=True)
class ModelsParams:
    mlp: ModelParams
    cnn: CnnParams


@dataclass(frozen=True)
class SubmitParams:
    model: ModelName


@dataclass(frozen=True)
class FloorParams:
    mlp: Annotated[float, Between(0, 1)]
    cnn: Annotated[float, Between(0, 1)]


@dataclass(frozen=True)
class GateParams:
    alpha: Annotated[float, Between(0.001, 0.5)]
    floor: FloorParams


@dataclass(frozen=True)
class Params:
    seed: Annotated[int, Between(0, 2**31 - 1)]
    threads: Annotated[int, Between(1, 1024)]
    deterministic: bool
    data: DataParams
    split: SplitParams
    models: ModelsParams
    submit: SubmitParams
    gate: GateParams

    def model(self, name: ModelName) -> ModelParams:
        return getattr(self.models, name)


def load_params(path: Path = PARAMS_FILE) -> Params:
    """Read and check params.yaml.

    Raises PipelineError that names the file, the key, what was expected and what was found.
    """
    if not path.is_file():
        raise PipelineError(f"{path} is missing: run from the repository's root")
    with _naming(path):
        return _parse(Params, yaml.safe_load(path.read_text(encoding="utf-8")), ())


def parse_gate(text: bytes, source: str) -> GateParams:
    """Check the `gate` section alone, as another commit's params.yaml may differ in all else.

    Raises PipelineError that names `source`, the key, what was expected and what was found.
    """
    with _naming(source):
        tree = yaml.safe_load(text)
        if not isinstance(tree, dict) or "gate" not in tree:
            raise _Fault(("gate",), "missing key")
        return _parse(GateParams, tree["gate"], ("gate",))


@contextmanager
def _naming(source: Path | str) -> Iterator[None]:
    """Turn what goes wrong inside into a PipelineError that names the file."""
    try:
        yield
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PipelineError(f"{source} is not valid YAML: {error}") from None
    except _Fault as fault:
        raise PipelineError(f"{source}: {fault}") from None


class _Fault(Exception):
    def __init__(self, key: tuple[str, ...], message: str):
        super().__init__(f"{'.'.join(key) or 'top level'}: {message}")


def _parse(kind: Any, value: Any, key: tuple[str, ...]) -> Any:
    """Turn a YAML value into `kind`: a dataclass, a Literal, a scalar type, or one of these Annotated with a range."""
    if get_origin(kind) is Annotated:
        inner, bounds = get_args(kind)
        return _in_range(_parse(inner, value, key), bounds, key)
    if is_dataclass(kind):
        return _parse_mapping(kind, value, key)
    if get_origin(kind) is Literal:
        return _parse_choice(get_args(kind), value, key)
    if get_origin(kind) is tuple:
        return _parse_list(get_args(kind), value, key)
    return _parse_scalar(kind, value, key)


def _parse_mapping(kind: Any, value: Any, key: tuple[str, ...]) -> Any:
    if not isinstance(value, dict):
        raise _Fault(key, f"expected keys and values, found {value!r}")
    hints = get_type_hints(kind, include_extras=True)
    for name in value:
        if name not in hints:
            close = difflib.get_close_matches(str(name), hints, n=1)
            raise _Fault((*key, str(name)), "unknown key" + (f"; is it {close[0]!r}?" if close else ""))
    for field in fields(kind):
        if field.name not in value:
            raise _Fault((*key, field.name), "missing key")
    return kind(**{name: _parse(hint, value[name], (*key, name)) for name, hint in hints.items()})


def _parse_list(items: tuple[Any, ...], value: Any, key: tuple[str, ...]) -> tuple[Any, ...]:
    if not isinstance(value, list) or not value:
        raise _Fault(key, f"expected a list such as [128, 64], found {value!r}")
    if items[-1] is not Ellipsis and len(value) != len(items):
        raise _Fault(key, f"expected {len(items)} values, found {len(value)}")
    return tuple(_parse(items[0], item, key) for item in value)


def _parse_choice(choices: tuple[str, ...], value: Any, key: tuple[str, ...]) -> str:
    if str(value).lower() not in choices:
        raise _Fault(key, f"expected one of {', '.join(choices)}, found {value!r}")
    return str(value).lower()


def _parse_scalar(kind: type, value: Any, key: tuple[str, ...]) -> Any:
    if kind is float and type(value) is int:  # 2 for 2.0; type(), as a bool is an int
        return float(value)
    if type(value) is kind and (kind is not str or value.strip()):
        return value
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
    raise _Fault(key, f"expected {names[kind]}, found {value!r}{_hint(kind, value)}")


def _hint(kind: type, value: Any) -> str:
    """YAML 1.1 takes 1e-3 for text: it wants a dot and a sign."""
    try:
        if kind is float and isinstance(value, str):
            return f"; YAML reads this as text, write {float(value)}"
    except ValueError:
        pass
    return ""


def _in_range(value: Any, bounds: Between, key: tuple[str, ...]) -> Any:
    for number in value if isinstance(value, tuple) else (value,):
        if not (math.isfinite(number) and bounds.low <= number <= bounds.high):
            raise _Fault(key, f"expected {bounds.low:g} to {bounds.high:g}, found {number!r}")
    return value
