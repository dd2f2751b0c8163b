"""Stage `train`: fit one network, or several that are averaged; save them as `.keras` and `.onnx`, and log every epoch.

The only stage that imports TensorFlow. Never sees a test image.
"""

import argparse
import os
from typing import NamedTuple, get_args

import numpy as np
import pandas as pd

from stages import backend, model_files, networks, paths, prepared
from stages.backend import keras
from stages.calibration import fit_temperature
from stages.classifier import Classifier
from stages.errors import PipelineError, run
from stages.members import fit_members
from stages.params import ModelName, load_params
from stages.prepared import Digits

_ONNX_TOLERANCE = 1e-4  # of a probability, between Keras and onnxruntime


class Arguments(NamedTuple):
    model: ModelName
    workers: int | None
    dask: str


def main() -> None:
    name, workers, dask = parse_arguments()
    params = load_params()
    model_params = params.model(name)
    backend.configure(model_params.threads, params.deterministic)
    train, validation = prepared.load("train"), prepared.load("validation")

    fits = fit_members(name, params, train, validation, workers, dask)
    keras.utils.clear_session()  # layers are named by a counter, which has counted the members trained in this process
    members = [networks.rebuild(name, model_params, fit.weights) for fit in fits]
    model = calibrate(members, validation, model_params.test_shift)

    model_files.save_keras(model, paths.keras_model(name))
    model_files.save_onnx(model, paths.onnx_model(name))
    check_onnx(model, Classifier(paths.onnx_model(name), params.threads), validation.images)
    paths.plots(name).mkdir(parents=True, exist_ok=True)
    history = mean_history([fit.history for fit in fits])
    history.to_csv(paths.plots(name) / "history.csv", index=False, float_format="%.6g", lineterminator="\n")


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


def calibrate(members: list[keras.Sequential], validation: Digits, shift: int) -> keras.Model:
    """Return the model that averages the members, at the temperature that suits the validation images."""
    averaged = networks.classifier(members, 1.0, shift)
    probabilities = averaged.predict(validation.images, batch_size=1000, verbose=0)
    temperature = fit_temperature(validation.labels, probabilities)
    print(f"calibrated on {len(validation.images):,} validation images: temperature {temperature:.3f}")
    return networks.classifier(members, temperature, shift)


def mean_history(histories: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean of each epoch over the members."""
    return pd.concat(histories).groupby("epoch", as_index=False).mean()


def check_onnx(model: keras.Model, classifier: Classifier, images: np.ndarray) -> None:
    """Raise PipelineError where the saved ONNX model does not predict what the Keras model does."""
    expected = model.predict(images, batch_size=1000, verbose=0)
    difference = np.abs(expected - classifier.predict(images)).max()
    if not difference <= _ONNX_TOLERANCE:  # also where it is NaN
        raise PipelineError(f"the ONNX model is off by {difference:g} from the Keras model; is the network diverging?")
    print(f"ONNX agrees with Keras on {len(images):,} validation images (largest difference {difference:.1e})")


if __name__ == "__main__":
    run(main)
