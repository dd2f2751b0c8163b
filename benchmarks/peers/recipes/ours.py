"""This project's training, as in the stage `train`, with the time of the fit."""

import stages.config.environment  # noqa: F401

import subprocess
import sys
import time
from typing import Any, get_args

import yaml

from benchmarks.changed_params import changed_params
from benchmarks.peers.recipes import Job, Trained
from benchmarks.peers.recipes.with_keras import multiply_adds
from stages.artifacts.paths import ModelName
from stages.config.params import PARAMS_FILE, ModelParams, Params
from stages.config.strict_yaml import parse
from stages.inference.classifier import OnnxClassifier
from stages.train import read_teacher
from stages.training import assembly, networks, tensorflow
from stages.training.ensemble import fit_ensemble


def fit(job: Job, name: ModelName, overrides: dict[str, Any]) -> Trained:
    """Train, save and check network `name` of params.yaml; predict with the .onnx file, as users do."""
    if job.epochs:
        overrides = overrides | {f"models.{name}.epochs": job.epochs}
    params = load_changed(overrides | {"seed": job.seed})
    model_params = params.model(name)
    teacher = find_teacher(job, name, model_params)
    tensorflow.configure(params.training_threads, params.deterministic)

    started = time.perf_counter()
    fits = fit_ensemble(name, params, job.train, job.validation, teacher)
    seconds = time.perf_counter() - started

    model = assembly.assemble(name, model_params, fits, job.validation)
    as_committed = set(overrides) <= {f"models.{name}.epochs"}
    keras_path = job.folder / (f"{name}.keras" if as_committed else "other.keras")
    onnx_path = keras_path.with_suffix(".onnx")
    assembly.save(model, keras_path, onnx_path, job.validation, job.threads, params.deterministic)
    saved = OnnxClassifier(onnx_path, job.threads)
    computed = len(fits) * multiply_adds(networks.build(name, model_params, seed=0))
    looks = networks.LOOKS if model_params.test_shift else 1
    return Trained(saved.predict, saved.parameters, computed, model_params.epochs, seconds, looks, onnx_path)


def find_teacher(job: Job, name: ModelName, params: ModelParams) -> bytes | None:
    """Return the `.keras` file of the teacher, with the student's seed: this round's, or one that is fitted now.

    If the teacher is not a network of params.yaml, return the file of that name in models/.
    """
    if params.teacher not in get_args(ModelName):
        return read_teacher(name, params)
    path = job.folder / f"{params.teacher}.keras"
    if not path.is_file():  # in a separate process, with separate settings
        trial = [f"--epochs={job.epochs}"] if job.epochs else []
        options = [f"--seed={job.seed}", f"--folder={job.folder}", *trial]
        command = [sys.executable, "-m", "benchmarks.peers.fit", params.teacher, *options]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return path.read_bytes()


def load_changed(overrides: dict[str, Any]) -> Params:
    """Return params.yaml with some keys changed, named as `dvc exp run -S` names them: `models.cnn.epochs`.

    Raises PipelineError for a key that does not exist, a wrong type or a value out of range, as for a file.
    """
    tree = changed_params(PARAMS_FILE, overrides)
    return parse(Params, yaml.safe_dump(tree), f"{PARAMS_FILE} with {overrides}")
