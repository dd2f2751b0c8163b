"""Stage `evaluate`: what a trained network is worth, as metrics, predictions, pictures and curves of its robustness.

Runs the ONNX model. Where test.csv has no labels, all but the metrics is of the validation images.
"""

import stages.environment  # noqa: F401

import argparse
import json
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd

from stages import diagrams, paths, pictures, prepared, robustness, scores
from stages.classifier import Classifier
from stages.errors import run
from stages.params import ModelName, load_params
from stages.prepared import Subset
from stages.scores import Outcomes, Reliability
from stages.whole_files import written_whole


def main() -> None:
    name = parse_arguments()
    params = load_params()
    classifier = Classifier(paths.onnx_model(name), params.threads, params.deterministic)
    labels = {subset: prepared.load(subset).labels for subset in get_args(Subset)}
    outcomes = {subset: predict(subset, known, classifier) for subset, known in labels.items() if known.size}

    metrics = {subset: scores.summary(judged) for subset, judged in outcomes.items()}
    shown: Subset = "test" if "test" in outcomes else "validation"
    recall = scores.recalls(outcomes[shown].actual, outcomes[shown].predicted)
    save_metrics(paths.metrics(name), metrics | {"recall": recall, "parameters": classifier.parameters})

    folder, title = paths.plots(name), f"{name}, {shown} images"
    save_tables(folder, outcomes[shown], recall)
    save_pictures(folder, title, prepared.load_images(shown), outcomes[shown])
    save_diagrams(folder, name, title, outcomes[shown])
    save_reliability(folder, title, scores.reliability(outcomes[shown]), metrics[shown])
    save_curves(folder / "robustness", robustness.curves(robustness.sample(prepared.load(shown)), classifier.predict))
    for subset, values in metrics.items():
        print(
            f"{name}, {subset}: accuracy {values['accuracy']:.2%}, loss {values['loss']:.4f}, ece {values['ece']:.2%}"
        )


def parse_arguments() -> ModelName:
    parser = argparse.ArgumentParser(prog="python -m stages.evaluate", description=__doc__)
    parser.add_argument("model", choices=get_args(ModelName), help="the network of params.yaml to evaluate")
    return parser.parse_args().model


def predict(subset: Subset, labels: np.ndarray, classifier: Classifier) -> Outcomes:
    """Predict the images of a subset, block by block, and keep of each no more than how it came out."""
    blocks, start = [], 0
    for images in prepared.image_blocks(subset):
        blocks.append(scores.judge(labels[start : start + len(images)], classifier.predict(images)))
        start += len(images)
    return Outcomes(*map(np.concatenate, zip(*blocks, strict=True)))


def save_metrics(path: Path, metrics: dict) -> None:
    with written_whole(path) as partial:
        partial.write_text(json.dumps(metrics, indent=2, allow_nan=False) + "\n", encoding="utf-8", newline="\n")


def save_tables(folder: Path, outcomes: Outcomes, recall: dict[str, float]) -> None:
    """Write a row an image (predictions.csv, losses.csv) and a row a digit (recall.csv)."""
    save_table(folder / "predictions.csv", {"actual": outcomes.actual, "predicted": outcomes.predicted})
    save_table(folder / "losses.csv", {"loss": outcomes.loss})
    save_table(folder / "recall.csv", {"digit": recall.keys(), "recall": recall.values()})


def save_pictures(folder: Path, title: str, images: np.ndarray, outcomes: Outcomes) -> None:
    """Draw images from everywhere in the subset, and those that were mistaken."""
    n = len(outcomes.actual)
    samples, wrong = np.linspace(0, n - 1, pictures.SHOWN, dtype=int), most_confident_mistakes(outcomes)
    rows = {
        "samples.png": (samples, f"{title}: samples"),
        "misclassified.png": (wrong, f"{title}: {len(wrong)} of {n:,} misclassified, the surest first"),
    }
    for file, (shown, heading) in rows.items():
        shown = shown[: pictures.SHOWN]
        drawn = Outcomes(*(column[shown] for column in outcomes))
        pictures.save(pictures.draw_predictions(heading, images[shown], drawn), folder / file)


def save_diagrams(folder: Path, name: ModelName, title: str, outcomes: Outcomes) -> None:
    """Draw which digits are confused, and from history.csv, which train wrote, how the network learnt."""
    counts = scores.confusion_matrix(outcomes.actual, outcomes.predicted)
    pictures.save(diagrams.draw_confusion(f"{title}: actual and predicted digits", counts), folder / "confusion.png")
    history = pd.read_csv(folder / "history.csv")
    pictures.save(diagrams.draw_history(f"{name}: how it learnt", history), folder / "history.png")


def save_reliability(folder: Path, title: str, bins: Reliability, metrics: dict[str, float]) -> None:
    """Write a row a bin, and the diagram of it."""
    save_table(folder / "reliability.csv", bins._asdict())
    error = "calibration error {ece:.2%} ({ece_low:.2%} to {ece_high:.2%})".format(**metrics)
    pictures.save(diagrams.draw_reliability(f"{title}: {error}", bins), folder / "reliability.png")


def save_curves(folder: Path, curves: dict[str, dict[str, np.ndarray]]) -> None:
    """Write a row a strength: a table for each corruption."""
    for corruption, columns in curves.items():
        save_table(folder / f"{corruption}.csv", columns)


def save_table(path: Path, columns: dict) -> None:
    with written_whole(path) as partial:
        pd.DataFrame(columns).to_csv(partial, index=False, float_format="%.5f", lineterminator="\n")


def most_confident_mistakes(outcomes: Outcomes) -> np.ndarray:
    """Return the rows whose predicted digit is wrong, the one with the highest probability first."""
    wrong = np.flatnonzero(~outcomes.right)
    return wrong[np.argsort(-outcomes.confidence[wrong], kind="stable")]


if __name__ == "__main__":
    run(main)
