"""Stage `train`: fit one network, or several that are averaged; save them as `.keras` and `.onnx`, and log every epoch.

The only stage that imports TensorFlow. Never sees a test image.
"""

import argparse
import os
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
import pandas as pd

from stages import backend, batches, model_files, networks, paths, prepared
from stages.backend import keras
from stages.calibration import fit_temperature
from stages.classifier import Classifier
from stages.errors import PipelineError, run
from stages.members import fit_members
from stages.params import ModelName, ModelParams, load_params
from stages.prepared import Digits
from stages.training import Fit
from stages.whole_files import written_whole

_ONNX_TOLERANCE = 1e-4  # of a probability, between Keras and onnxruntime


class Arguments(NamedTuple):
    model: ModelName
    workers: int | None
    dask: str


def main() -> None:
    name, workers, dask = parse_arguments()
    params = load_params()
    train, validation = prepared.load("train"), prepared.load("validation")
    backend.configure(params.model(name).threads, params.deterministic)
    fits = fit_members(name, params, train, validation, workers, dask)
    model = assemble(name, params.model(name), fits, validation)
    save(model, paths.keras_model(name), paths.onnx_model(name), params.threads, validation)
    save_history(mean_history([fit.history for fit in fits]), paths.plots(name) / "history.csv")


def parse_arguments() -> Arguments:
    parser = argparse.ArgumentParser(prog="python -m stages.train", description=__doc__)
    parser.add_argument("model", choices=get_args(ModelName), help="the network of params.yaml to train")
    parser.add_argument("--workers", type=count, metavar="N", help="processes that train members (default: by cores)")
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        default=os.environ.get("DASK_SCHEDULER_ADDRESS", ""),
        help="train members on this Dask cluster (default: $DASK_SCHEDULER_ADDRESS)",
    )
    return Arguments(**vars(parser.parse_args()))


def count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1")
    return int(text)


def assemble(name: ModelName, params: ModelParams, fits: list[Fit], validation: Digits) -> keras.Model:
    """Return the model that averages the trained networks, at the temperature that suits the validation images."""
    keras.utils.clear_session()  # layers are named by a counter, which has counted the members trained in this process
    members = [networks.rebuild(name, params, fit.weights) for fit in fits]
    averaged = networks.classifier(members, 1.0, params.test_shift)
    temperature = fit_temperature(validation.labels, predict(averaged, validation))
    print(f"calibrated on {len(validation.images):,} validation images: temperature {temperature:.3f}")
    return networks.classifier(members, temperature, params.test_shift)


def save(model: keras.Model, keras_path: Path, onnx_path: Path, threads: int, validation: Digits) -> None:
    """Write both model files, and check on so many threads of onnxruntime that they predict the same."""
    model_files.save_keras(model, keras_path)
    model_files.save_onnx(model, onnx_path)
    check_onnx(predict(model, validation), Classifier(onnx_path, threads).predict(validation.images))


def check_onnx(expected: np.ndarray, predicted: np.ndarray) -> None:
    """Raise PipelineError where the (n, 10) probabilities of the two model files differ by more than rounding does."""
    difference = np.abs(expected - predicted).max()
    if not difference <= _ONNX_TOLERANCE:  # also where it is NaN
        raise PipelineError(f"the ONNX model is off by {difference:g} from the Keras model; is the network diverging?")
    print(f"ONNX agrees with Keras on {len(predicted):,} validation images (largest difference {difference:.1e})")


def predict(model: keras.Model, digits: Digits) -> np.ndarray:
    """Return (n, 10) float32 probabilities."""
    return model.predict(batches.in_order(digits), verbose=0)


def mean_history(histories: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean of each epoch over the members."""
    return pd.concat(histories).groupby("epoch", as_index=False).mean()


def save_history(history: pd.DataFrame, path: Path) -> None:
    with written_whole(path) as partial:
        history.to_csv(partial, index=False, float_format="%.6g", lineterminator="\n")


if __name__ == "__main__":
    run(main)
