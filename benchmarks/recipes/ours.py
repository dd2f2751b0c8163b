"""This project's own training, as the stage `train` does it, with a clock around the fit."""

import stages.environment  # noqa: F401

import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from benchmarks.changed_params import changed_params
from benchmarks.recipes import Job, Trained
from benchmarks.recipes.with_keras import multiply_adds
from stages import assembly, backend, networks
from stages.classifier import Classifier
from stages.members import fit_members
from stages.params import PARAMS_FILE, ModelName, Params
from stages.strict_yaml import parse


def fit(job: Job, name: ModelName, overrides: dict[str, Any]) -> Trained:
    """Train, save and check network `name` of params.yaml; predicts by the .onnx file, which is what users get."""
    if job.epochs:
        overrides = overrides | {f"models.{name}.epochs": job.epochs}
    params = load_changed(overrides | {"seed": job.seed})
    backend.configure(params.model(name).threads, params.deterministic)

    started = time.perf_counter()
    fits = fit_members(name, params, job.train, job.validation)
    seconds = time.perf_counter() - started

    model = assembly.assemble(name, params.model(name), fits, job.validation)
    with tempfile.TemporaryDirectory() as folder:
        onnx_path = Path(folder) / "model.onnx"
        keras_path = Path(folder) / "model.keras"
        assembly.save(model, keras_path, onnx_path, job.validation, job.threads, params.deterministic)
        saved = Classifier(onnx_path, job.threads)
    computed = len(fits) * multiply_adds(networks.build(name, params.model(name), seed=0))
    return Trained(saved.predict, saved.parameters, computed, params.model(name).epochs, seconds)


def load_changed(overrides: dict[str, Any]) -> Params:
    """Return params.yaml with some keys changed, named as `dvc exp run -S` names them: `models.cnn.epochs`.

    Checked as a file is: raises PipelineError for a key that does not exist, a wrong type or a value out of range.
    """
    tree = changed_params(PARAMS_FILE, overrides)
    return parse(Params, yaml.safe_dump(tree), f"{PARAMS_FILE} with {overrides}")
