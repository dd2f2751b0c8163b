"""params.yaml as frozen pydantic models: the only way in which settings come in.

Checks every key, type and range before any work begins. Never fills in a default.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from stages.artifacts.errors import PipelineError
from stages.artifacts.paths import ModelName
from stages.config.strict_yaml import StrictModel, parse

PARAMS_FILE = Path("params.yaml")
TEACHER_THREADS = 2  # threads that predict with a teacher at the same time

# The names of Keras' optimizers; listed here so that a misspelt one fails without TensorFlow's start-up.
OptimizerName = Literal[
    "adadelta", "adafactor", "adagrad", "adam", "adamax", "adamw", "ftrl", "lamb", "lion", "muon", "nadam",
    "rmsprop", "schedulefreeadamw", "sgd",
]  # fmt: skip

CsvPath = Annotated[str, Field(pattern=r"\S", description="the path of a CSV")]
Width = Annotated[int, Field(ge=1, le=8192)]


class DataParams(StrictModel):
    train_csv: CsvPath
    test_csv: CsvPath


class SplitParams(StrictModel):
    validation: float = Field(ge=0.001, le=0.9)


class AugmentParams(StrictModel):
    rotation: float = Field(ge=0, le=180)  # degrees
    zoom: float = Field(ge=0, le=0.9)  # fraction
    shear: float = Field(ge=0, le=2)  # pixels per pixel
    shift: float = Field(ge=0, le=28)  # pixels
    elastic: float = Field(ge=0, le=10)  # pixels
    final_epochs: int = Field(ge=0, le=10_000)
    final_strength: float = Field(ge=0, le=1)


class DistillationParams(StrictModel):
    temperature: float = Field(ge=0.1, le=100)
    label_share: float = Field(ge=0, le=1)
    teacher_epochs: int = Field(ge=2, le=10_000)
    variation: float = Field(ge=0, le=1)  # of the distortion, as a fraction of the augmentation


class ModelParams(StrictModel):
    teacher: str = Field(
        pattern="^[a-z0-9][a-z0-9_-]*$", description="none, or the name of a .keras file in models/ (a-z, 0-9, _, -)"
    )
    layers: list[Width] = Field(min_length=1)
    dropout: float = Field(ge=0, le=0.95)
    epochs: int = Field(ge=1, le=10_000)
    batch_size: int = Field(ge=1, le=65_536)
    optimizer: OptimizerName
    learning_rate: float = Field(ge=1e-8, le=100)
    warmup: float = Field(ge=0, le=1)
    weight_decay: float = Field(ge=0, le=1)
    members: int = Field(ge=1, le=1000)
    threads: int = Field(ge=1, le=1024)
    test_shift: int = Field(ge=0, le=8)  # pixels
    augment: AugmentParams
    distillation: DistillationParams

    @property
    def is_taught(self) -> bool:
        return self.teacher != "none"


class CnnParams(ModelParams):
    layers: list[Width] = Field(min_length=4, max_length=4)  # channels


class ModelsParams(StrictModel):
    mlp: ModelParams
    cnn: CnnParams


class ScreenParams(StrictModel):
    kept: float = Field(ge=0.5, le=0.9999)  # share of the validation digits
    examples: int = Field(ge=10, le=1_000_000)  # of digits, and as many of non-digits
    epochs: int = Field(ge=1, le=10_000)


class SubmitParams(StrictModel):
    model: ModelName


class Params(StrictModel):
    seed: int = Field(ge=0, le=2**31 - 1)
    threads: int = Field(ge=1, le=1024)
    deterministic: bool
    data: DataParams
    split: SplitParams
    models: ModelsParams
    screen: ScreenParams
    submit: SubmitParams
    gate: dict  # checked by gate_params.py, on which no training depends

    def model(self, name: ModelName) -> ModelParams:
        return getattr(self.models, name)

    @property
    def training_threads(self) -> int:
        """How many operations TensorFlow runs at a time: one number for a process, which can't change it later."""
        return max(TEACHER_THREADS, self.models.mlp.threads, self.models.cnn.threads)


def load_params(path: Path = PARAMS_FILE) -> Params:
    """Read and check params.yaml.

    Raises PipelineError that names the file, the key, what was expected and what was found.
    """
    if not path.is_file():
        raise PipelineError(f"{path} is missing: run from the repository's root")
    return parse(Params, path.read_bytes(), str(path))
