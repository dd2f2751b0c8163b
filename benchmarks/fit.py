"""Fit one recipe of the benchmark on the prepared rows, in this process; print what came of it as one line of JSON."""

import argparse
import importlib
import json

from benchmarks.recipes import RECIPES, Job, Trained
from checks import official
from stages import prepared, scores
from stages.errors import run
from stages.likelihood import losses
from stages.params import load_params
from stages.prepared import Digits


def main() -> None:
    arguments = parse_arguments()
    recipe = RECIPES[arguments.name]
    subsets = prepared.load("train"), prepared.load("validation")
    job = Job(*subsets, arguments.seed, load_params().threads, arguments.epochs)
    fit = getattr(importlib.import_module(f"benchmarks.recipes.{recipe.module}"), recipe.function)
    trained = fit(job, *recipe.arguments)
    print(json.dumps(result(trained, len(job.train.labels), prepared.load("test"))))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit", description=__doc__)
    parser.add_argument("name", choices=RECIPES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, help="instead of the recipe's own number")
    return parser.parse_args()


def result(trained: Trained, images: int, test: Digits) -> dict[str, float]:
    """Score the fit of so many training images on the first 10,000 test images, and count what it computed."""
    labels = test.labels[: official.IMAGES]
    probabilities = trained.predict(test.images[: official.IMAGES])
    return {
        "accuracy": scores.accuracy(labels, probabilities),
        "nll": float(losses(labels, probabilities).mean()),
        "fit_seconds": trained.fit_seconds,
        "epochs": trained.epochs,
        "parameters": trained.parameters,
        "multiply_adds": trained.multiply_adds,
        "flops": flops(trained.multiply_adds, images, trained.epochs) / trained.fit_seconds,
    }


def flops(multiply_adds: int, images: int, epochs: int) -> float:
    """Return the floating-point operations of a training: two a multiply-add, the backward pass costs two forward."""
    return 2 * 3 * multiply_adds * images * epochs


if __name__ == "__main__":
    run(main)
