"""Stage `evaluate`: how good a trained network is, as metrics, predictions, figures and curves of its robustness.

Runs the ONNX model. If test.csv has no labels, all but the metrics is of the validation images.
"""

import stages.config.environment  # noqa: F401

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from stages.artifacts import arrays, paths
from stages.artifacts.arrays import Subset
from stages.artifacts.errors import run
from stages.artifacts.paths import ModelName
from stages.artifacts.results import save_figure, save_metrics, save_table
from stages.config.params import load_params
from stages.evaluation import figures, metrics, robustness
from stages.evaluation.metrics import PredictionResults
from stages.inference.classifier import OnnxClassifier


def main() -> None:
    name = parse_arguments()
    params = load_params()
    classifier = OnnxClassifier(paths.onnx_model(name), params.threads, params.deterministic)
    labels = {subset: arrays.load(subset).labels for subset in get_args(Subset)}
    results = {subset: predict(subset, known, classifier) for subset, known in labels.items() if known.size}
    summaries = {subset: metrics.summary(of_subset) for subset, of_subset in results.items()}
    calibrations = {subset: metrics.calibration(of_subset) for subset, of_subset in results.items()}
    shown: Subset = "test" if "test" in results else "validation"
    curves = robustness.curves(robustness.sample(arrays.load(shown)), classifier.predict)
    folder = paths.plots(name)

    save_metrics(paths.metrics(name), {**summaries, "parameters": classifier.parameters})
    save_tables(folder, results[shown])
    files: dict[Subset, str] = {"validation": params.data.train_csv, "test": params.data.test_csv}
    located = [(files[subset], arrays.load_lines(subset), results[subset]) for subset in files if subset in results]
    save_table(folder / "mistakes.csv", mistakes(located))
    save_table(folder / "calibration.csv", pd.DataFrame(calibrations).T.rename_axis("subset").reset_index())
    for corruption, columns in curves.items():
        save_table(folder / f"robustness/{corruption}.csv", pd.DataFrame(columns))
    history = pd.read_csv(folder / "history.csv")
    for file, figure in draw(name, shown, results[shown], calibrations[shown], history):
        save_figure(folder / file, figure)
    for subset, values in summaries.items():
        print(f"{name}, {subset}: accuracy {values['accuracy']:.2%}, loss {values['loss']:.4f}")


def parse_arguments() -> ModelName:
    parser = argparse.ArgumentParser(prog="python -m stages.evaluate", description=__doc__)
    parser.add_argument("model", choices=get_args(ModelName), help="the network of params.yaml to evaluate")
    return parser.parse_args().model


def predict(subset: Subset, labels: np.ndarray, classifier: OnnxClassifier) -> PredictionResults:
    """Predict the images of a subset, block by block, and keep the results alone."""
    blocks, start = [], 0
    for images in arrays.image_blocks(subset):
        blocks.append(metrics.prediction_results(labels[start : start + len(images)], classifier.predict(images)))
        start += len(images)
    return PredictionResults(*map(np.concatenate, zip(*blocks, strict=True)))


def draw(
    name: ModelName, shown: Subset, results: PredictionResults, calibration: dict[str, float], history: pd.DataFrame
) -> Iterator[tuple[str, Figure]]:
    """Yield each figure with the name of its file, one at a time."""
    title, n = f"{name}, {shown} images", len(results.actual)
    images = arrays.load_images(shown)
    samples, wrong = np.linspace(0, n - 1, figures.SHOWN, dtype=int), most_confident_mistakes(results)
    pictures = {
        "samples.png": (samples, f"{title}: samples"),
        "misclassified.png": (wrong, f"{title}: {len(wrong)} of {n:,} misclassified, the most confident first"),
    }
    for file, (rows, heading) in pictures.items():
        rows = rows[: figures.SHOWN]
        drawn = PredictionResults(*(column[rows] for column in results))
        yield file, figures.draw_predictions(heading, images[rows], drawn)
    yield "confusion.png", figures.draw_confusion(f"{title}: actual and predicted digits", metrics.confusion(results))
    yield "history.png", figures.draw_history(f"{name}: training", history)
    error = "calibration error {ece:.2%} ({ece_low:.2%} to {ece_high:.2%})".format(**calibration)
    yield "reliability.png", figures.draw_reliability(f"{title}: {error}", metrics.reliability(results))


def most_confident_mistakes(results: PredictionResults) -> np.ndarray:
    """Return the rows whose predicted digit is wrong, the one with the highest probability first."""
    wrong = np.flatnonzero(~results.correct)
    return wrong[np.argsort(-results.confidence[wrong], kind="stable")]


def mistakes(located: Iterable[tuple[str, np.ndarray, PredictionResults]]) -> pd.DataFrame:
    """Return a row for each misclassified image, the highest loss first: its CSV and line, and what was predicted.

    located: a CSV, the (n,) lines of n images in it, and their results.
    """
    tables = []
    for file, lines, results in located:
        columns = {"line": lines, "actual": results.actual, "predicted": results.predicted}
        table = pd.DataFrame({"file": file, **columns, "probability": results.confidence, "loss": results.loss})
        tables.append(table[~results.correct])
    return pd.concat(tables).sort_values("loss", ascending=False, kind="stable")


def save_tables(folder: Path, results: PredictionResults) -> None:
    """Write one row per image (predictions.csv, losses.csv), per digit, and per bin of the reliability diagram."""
    save_table(folder / "predictions.csv", pd.DataFrame({"actual": results.actual, "predicted": results.predicted}))
    save_table(folder / "losses.csv", pd.DataFrame({"loss": results.loss}))
    save_table(folder / "digits.csv", metrics.by_digit(results))
    save_table(folder / "reliability.csv", pd.DataFrame(metrics.reliability(results)._asdict()))


if __name__ == "__main__":
    run(main)
