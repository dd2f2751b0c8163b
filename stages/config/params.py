"""params.yaml as frozen dataclasses: the one door through which settings come in, and a strict one.

Checks every key, type and range before any work begins. Never fills in a default.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from stages.artifacts.errors import PipelineError
from stages.config.strict_yaml import Between, Matching, parse

PARAMS_FILE = Path("params.yaml")

ModelName = Literal["mlp", "cnn"]
# The name of a .keras file in models/, whose network teaches; or none
TeacherName = Annotated[
    str, Matching("[a-z0-9][a-z0-9_-]*", "none, or the name of a .keras file in models/ (a-z, 0-9, _ and -)")
]
# The names of Keras' optimizers; listed here so that a misspelt one fails without TensorFlow's start-up.
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
    elastic: Annotated[float, Between(0, 10)]  # pixels
    final_epochs: Annotated[int, Between(0, 10_000)]
    final_strength: Annotated[float, Between(0, 1)]


@dataclass(frozen=True)
class DistillationParams:
    temperature: Annotated[float, Between(0.1, 100)]
    label_share: Annotated[float, Between(0, 1)]
    teacher_epochs: Annotated[int, Between(2, 10_000)]
    variation: Annotated[float, Between(0, 1)]  # of a warp, as a fraction of the augmentation


@dataclass(frozen=True)
class ModelParams:
    teacher: TeacherName
    layers: Annotated[tuple[int, ...], Between(1, 8192)]
    dropout: Annotated[float, Between(0, 0.95)]
    epochs: Annotated[int, Between(1, 10_000)]
    batch_size: Annotated[int, Between(1, 65_536)]
    optimizer: OptimizerName
    learning_rate: Annotated[float, Between(1e-8, 100)]
    warmup: Annotated[float, Between(0, 1)]
    weight_decay: Annotated[float, Between(0, 1)]
    members: Annotated[int, Between(1, 1000)]
    threads: Annotated[int, Between(1, 1024)]
    test_shift: Annotated[int, Between(0, 8)]  # pixels
    augment: AugmentParams
    distillation: DistillationParams

    @property
    def is_taught(self) -> bool:
        return self.teacher != "none"


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
class Params:
    seed: Annotated[int, Between(0, 2**31 - 1)]
    threads: Annotated[int, Between(1, 1024)]
    deterministic: bool
    data: DataParams
    split: SplitParams
    models: ModelsParams
    submit: SubmitParams
    gate: dict  # checked by gate_params.py, on which no training depends

    def model(self, name: ModelName) -> ModelParams:
        return getattr(self.models, name)

    @property
    def training_threads(self) -> int:
        """How many operations TensorFlow runs at a time: one number, as a process that has begun can't change it."""
        return max(2, self.models.mlp.threads, self.models.cnn.threads)


def load_params(path: Path = PARAMS_FILE) -> Params:
    """Read and check params.yaml.

    Raises PipelineError that names the file, the key, what was expected and what was found.
    """
    if not path.is_file():
        raise PipelineError(f"{path} is missing: run from the repository's root")
    return parse(Params, path.read_bytes(), str(path))
