"""Stage `evaluate`: what a trained network is worth, as metrics, predictions, pictures and curves of its robustness.

Runs the ONNX model. Where test.csv has no labels, all but the metrics is of the validation images.
"""

import argparse
import json
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd

from stages import paths, pictures, prepared, robustness, scores
from stages.classifier import Classifier
from stages.errors import run
from stages.params import ModelName, load_params
from stages.prepared import Digits, Subset
from stages.scores import Reliability


def main() -> None:
    name = parse_arguments()
    classifier = Classifier(paths.onnx_model(name), load_params().threads)
    subsets = load_labelled_subsets()
    probabilities = {subset: classifier.predict(digits.images) for subset, digits in subsets.items()}

    metrics = {subset: scores.summary(digits.labels, probabilities[subset]) for subset, digits in subsets.items()}
    shown: Subset = "test" if "test" in subsets else "validation"
    recall = scores.recalls(subsets[shown].labels, probabilities[shown].argmax(axis=1))
    save_metrics(paths.metrics(name), metrics | {"recall": recall, "parameters": classifier.parameters})

    folder, title = paths.plots(name), f"{name}, {shown} images"
    save_plots(folder, title, subsets[shown], probabilities[shown], recall)
    save_reliability(folder, title, scores.reliability(subsets[shown].labels, probabilities[shown]), metrics[shown])
    save_curves(folder / "robustness", robustness.curves(robustness.sample(subsets[shown]), classifier.predict))
    for subset, values in metrics.items():
        print(
            f"{name}, {subset}: accuracy {values['accuracy']:.2%}, loss {values['loss']:.4f}, ece {values['ece']:.2%}"
        )


def parse_arguments() -> ModelName:
    parser = argparse.ArgumentParser(prog="python -m stages.evaluate", description=__doc__)
    parser.add_argument("model", choices=get_args(ModelName), help="the network of params.yaml to evaluate")
    return parser.parse_args().model


def load_labelled_subsets() -> dict[Subset, Digits]:
    subsets = {subset: prepared.load(subset) for subset in get_args(Subset)}
    return {subset: digits for subset, digits in subsets.items() if digits.labels.size}


def save_metrics(path: Path, metrics: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(metrics, indent=2, allow_nan=False) + "\n", encoding="utf-8", newline="\n")


def save_plots(folder: Path, title: str, digits: Digits, probabilities: np.ndarray, recall: dict[str, float]) -> None:
    """Write a row an image (predictions.csv, losses.csv), a row a digit (recall.csv), and the two pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    predicted = probabilities.argmax(axis=1)
    save_table(folder / "predictions.csv", {"actual": digits.labels, "predicted": predicted})
    save_table(folder / "losses.csv", {"loss": scores.losses(digits.labels, probabilities)})
    save_table(folder / "recall.csv", {"digit": recall.keys(), "recall": recall.values()})

    samples = np.linspace(0, len(predicted) - 1, pictures.SHOWN, dtype=int)
    wrong = most_confident_mistakes(digits.labels, probabilities)
    rows = {
        "samples.png": (samples, f"{title}: samples"),
        "misclassified.png": (wrong, f"{title}: {len(wrong)} of {len(predicted):,} misclassified, the surest first"),
    }
    for file, (shown, heading) in rows.items():
        shown = shown[: pictures.SHOWN]
        figure = pictures.draw_predictions(heading, digits.images[shown], digits.labels[shown], probabilities[shown])
        pictures.save(figure, folder / file)


def save_reliability(folder: Path, title: str, bins: Reliability, metrics: dict[str, float]) -> None:
    """Write a row a bin, and the diagram of it."""
    save_table(folder / "reliability.csv", bins._asdict())
    error = "calibration error {ece:.2%} ({ece_low:.2%} to {ece_high:.2%})".format(**metrics)
    pictures.save(pictures.draw_reliability(f"{title}: {error}", bins), folder / "reliability.png")


def save_curves(folder: Path, curves: dict[str, dict[str, np.ndarray]]) -> None:
    """Write a row a strength: a table for each corruption."""
    folder.mkdir(parents=True, exist_ok=True)
    for corruption, columns in curves.items():
        save_table(folder / f"{corruption}.csv", columns)


def save_table(path: Path, columns: dict) -> None:
    pd.DataFrame(columns).to_csv(path, index=False, float_format="%.5f", lineterminator="\n")


def most_confident_mistakes(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the rows whose predicted digit is wrong, the one with the highest probability first."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")]


if __name__ == "__main__":
    run(main)
