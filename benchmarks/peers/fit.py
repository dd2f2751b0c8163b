"""Fit one recipe of the benchmark on the prepared rows, in this process; print the result as one line of JSON."""

import argparse
import importlib
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

from benchmarks.peers.recipes import RECIPES, Job, Trained
from checks.gate import official
from stages.artifacts import arrays
from stages.artifacts.arrays import Digits
from stages.artifacts.errors import run
from stages.config.params import load_params
from stages.inference.losses import losses

_BLOCK = 1000  # images


def main() -> None:
    arguments = parse_arguments()
    recipe = RECIPES[arguments.name]
    subsets = arrays.load("train"), arrays.load("validation")
    fit = getattr(importlib.import_module(f"benchmarks.peers.recipes.{recipe.module}"), recipe.function)
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or Path(scratch)
        job = Job(*subsets, arguments.seed, load_params().threads, arguments.epochs, folder)
        trained = fit(job, *recipe.arguments)
        test = arrays.load("test")
        rate = images_per_second(trained.onnx, test.images[: official.IMAGES], job.threads) if trained.onnx else None
    print(json.dumps({**result(trained, test), "images_per_second": rate}))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.fit", description=__doc__)
    parser.add_argument("name", choices=RECIPES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, help="instead of the recipe's number")
    parser.add_argument("--folder", type=Path, help="where to keep networks and to look for a teacher")
    return parser.parse_args()


def images_per_second(path: Path, images: np.ndarray, threads: int) -> float:
    """Return how many of (n, 28, 28) images onnxruntime, fully optimized, predicts a second: the median of 5 passes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    [given] = session.get_inputs()
    blocks = [np.ascontiguousarray(images[i : i + _BLOCK]) for i in range(0, len(images), _BLOCK)]
    passes = []
    for _ in range(5):
        started = time.perf_counter()
        for block in blocks:
            session.run(None, {given.name: block})
        passes.append(time.perf_counter() - started)
    return len(images) / statistics.median(passes)


def result(trained: Trained, test: Digits) -> dict[str, float]:
    """Score a fit on the first 10,000 test images."""
    labels = test.labels[: official.IMAGES]
    probabilities = trained.predict(test.images[: official.IMAGES])
    return {
        "accuracy": float(np.mean(probabilities.argmax(axis=1) == labels)),
        "nll": float(losses(labels, probabilities).mean()),
        "fit_seconds": trained.fit_seconds,
        "epochs": trained.epochs,
        "parameters": trained.parameters,
        "multiply_adds": trained.multiply_adds * trained.looks,
    }


if __name__ == "__main__":
    run(main)
