"""Write MODEL_CARD.md: what the networks are for, how accurate they are, and where they fail.

The prose is in model_card.md; the figures are the workspace's: run this after dvc repro, and commit the card with it.
"""

import argparse
import json
from itertools import zip_longest
from pathlib import Path
from typing import Any, get_args

import pandas as pd
from scipy.stats import binomtest

from checks.gate.official import DOUBTFUL, IMAGES, MNIST
from checks.markdown import table
from stages.artifacts import paths
from stages.artifacts.errors import PipelineError, run
from stages.artifacts.paths import ModelName
from stages.config.params import PARAMS_FILE, load_params
from stages.evaluation.robustness import CORRUPTIONS

MODEL_CARD = Path("MODEL_CARD.md")
PEERS = Path("benchmarks/peers.json")
NETWORKS = get_args(ModelName)
Tables = dict[str, pd.DataFrame]  # by network

_TEMPLATE = Path(__file__).with_suffix(".md")


def main() -> None:
    argparse.ArgumentParser(prog="python -m checks.model_card", description=__doc__).parse_args()
    MODEL_CARD.write_text(model_card(), encoding="utf-8", newline="\n")


def model_card() -> str:
    """Return the card of the networks in the workspace.

    Raises PipelineError if they were trained on other data than MNIST, and FileNotFoundError if a file is missing.
    """
    params = load_params()
    if params.data != MNIST:
        raise PipelineError(f"data in {PARAMS_FILE} is not MNIST, which {MODEL_CARD} describes: write your own card")
    metrics = {name: json.loads(paths.metrics(name).read_text(encoding="utf-8")) for name in NETWORKS}
    peers = json.loads(PEERS.read_text(encoding="utf-8"))
    losses = read("losses.csv")
    predictions = {
        name: pairs.assign(wrong=pairs.actual != pairs.predicted, loss=losses[name].loss)
        for name, pairs in read("predictions.csv").items()
    }
    return _TEMPLATE.read_text(encoding="utf-8").format(
        params=params,
        mlp=params.models.mlp,
        cnn=params.models.cnn,
        metrics=metrics,
        accuracy=accuracy_table(metrics, read("calibration.csv"), predictions),
        seeds=seeds_table(pd.DataFrame(peers["rows"])),
        machine=peers["machine"].split(";")[0],
        recall=recall_table(read("digits.csv")),
        confusions=confusions_table(predictions),
        robustness=robustness_table({name: read(f"robustness/{name}.csv") for name in CORRUPTIONS}),
        doubtful=doubtful_table(predictions),
    )


def read(file: str) -> Tables:
    return {name: pd.read_csv(paths.plots(name) / file) for name in NETWORKS}


def accuracy_table(metrics: dict[str, Any], calibration: Tables, predictions: Tables) -> str:
    """Return a row for each subset, and one for the official images among the test images."""
    rows = []
    for name in NETWORKS:
        for subset, brier, ece, low, high in calibration[name].itertuples(index=False):
            accuracy, loss = metrics[name][subset]["accuracy"], metrics[name][subset]["loss"]
            interval = _interval(predictions[name].wrong) if subset == "test" else ""
            calibrated = [f"{brier:.4f}", f"{ece:.2%}", f"{low:.2%} to {high:.2%}"]
            rows.append([f"`{name}`, {subset}", f"{accuracy:.2%}", interval, f"{loss:.4f}", *calibrated])
        wrong, loss = predictions[name].wrong[:IMAGES], predictions[name].loss[:IMAGES].mean()
        cells = [f"{1 - wrong.mean():.2%}", _interval(wrong), f"{loss:.4f}", "", "", ""]
        rows.append([f"`{name}`, test (official {IMAGES:,})", *cells])
    return table(["network, images", "accuracy", "95% interval", "loss", "Brier", "ECE", "95% interval"], rows)


def _interval(wrong: pd.Series) -> str:
    low, high = binomtest(int((~wrong).sum()), len(wrong)).proportion_ci(method="wilson")
    return f"{low:.2%} to {high:.2%}"


def seeds_table(fits: pd.DataFrame) -> str:
    """Return a row for each network, given the benchmark's rows of all recipes and seeds."""
    rows = []
    for name in NETWORKS:
        own = fits[fits.name == name]
        accuracy = f"{own.accuracy.mean():.2%} ± {own.accuracy.std():.2%}"
        loss = f"{own.nll.mean():.4f} ± {own.nll.std():.4f}"
        timed = own[own.filter(["beside_load"]).ne(True).all(axis=1)]  # the benchmark's mark of a fit without a time
        fit = [f"{len(own)}", f"{own.epochs.max()}", f"{timed.fit_seconds.median():.0f} s"]
        rows.append([f"`{name}`", accuracy, loss, *fit])
    return table(["network", "accuracy", "loss", "seeds", "epochs", "time"], rows)


def recall_table(digits: Tables) -> str:
    first = next(iter(digits.values()))
    rows = [["images", *map("{:,}".format, first.support)]]
    rows += [[f"`{name}`", *map("{:.2%}".format, own.recall)] for name, own in digits.items()]
    return table(["digit", *map(str, first.digit)], rows)


def confusions_table(predictions: Tables) -> str:
    """Return a column for each network, with the five most frequent confusions."""
    columns = []
    for pairs in predictions.values():
        counts = pairs[pairs.wrong].groupby(["actual", "predicted"]).size()
        most = counts.sort_values(ascending=False, kind="stable").head(5)
        columns.append([f"{row.actual} as {row.predicted}: {row.n}" for row in most.reset_index(name="n").itertuples()])
    return table([f"`{name}`" for name in predictions], list(zip_longest(*columns, fillvalue="")), "left")


def robustness_table(curves: dict[str, Tables]) -> str:
    """Return, for each corruption, a row of its strengths in bold and a row for each network."""
    rows = []
    for corruption, of_networks in curves.items():
        (unit, strengths), _ = next(iter(of_networks.values())).items()
        rows.append([f"**{corruption}, {unit}**", *map("**{:g}**".format, strengths)])
        rows += [[f"`{name}`", *map("{:.1%}".format, own.accuracy)] for name, own in of_networks.items()]
    return table(rows[0], rows[1:])


def doubtful_table(predictions: Tables) -> str:
    rows = []
    for name, pairs in predictions.items():
        wrong = pairs.wrong[:IMAGES]
        rows.append([f"`{name}`", f"{wrong.sum()}", f"{wrong[list(DOUBTFUL)].sum()}"])
    return table(["network", "mistakes on official images", "of these, on a doubtful label"], rows)


if __name__ == "__main__":
    run(main)
