"""Rows of the benchmark as the Markdown table that the README shows. Pure functions."""

from collections.abc import Sequence
from statistics import mean, median, stdev
from typing import Any

from benchmarks.peers.recipes import KERAS_CONVNET, PLAIN_MLP, RECIPES
from checks.markdown import table

Row = dict[str, Any]  # of benchmarks/peers.json: one recipe, fitted with one seed

HEADINGS = (
    "recipe",
    "accuracy, %",
    "NLL, nats",
    "n",
    "epochs",
    "parameters",
    "multiplications",
    "images per second",
    "fit, s",
    "time / mnist_convnet's",
    "time / plain's",
)
NOTE = """\
Each recipe was trained on the same 37,800 rows; no epoch was selected. Accuracy and NLL of the last epoch's network on
MNIST's official 10,000 test images: mean ± standard deviation over n seeds. Multiplications of one image's prediction,
in convolutions and dense layers; images per second by onnxruntime, from the network as an ONNX file. Times of the fit
are medians; a ratio is the median over the rounds of the ratio within a round. The `mlp`'s teacher is the `cnn` of the
same round: the time to ask it is part of the fit, the time to train it is not."""
UNTIMED = "Fits beside other work count for accuracy and NLL alone, and a row of such fits has no times."


def markdown(results: dict[str, Any]) -> str:
    """Return benchmarks/peers.json as a table with the notes needed to read it."""
    rows = results["rows"]
    trial = f"A trial with `--epochs {results['epochs']}`: not the recipes.\n\n" if results["epochs"] else ""
    untimed = f"\n{UNTIMED}" if any(row.get("beside_load") for row in rows) else ""
    fitted = table(HEADINGS, [cells(name, rows) for name in RECIPES if _of(name, rows)])
    return f"{fitted}\n\n{trial}{NOTE}{untimed}\n\nMachine: {results['machine']}.\n"


def cells(name: str, rows: Sequence[Row]) -> list[str]:
    """Return the cells of one recipe. Speeds are those of the rows that were fitted without other work beside them."""
    own = _of(name, rows)
    timed, *references = [
        [row for row in _of(recipe, rows) if not row.get("beside_load")] for recipe in (name, KERAS_CONVNET, PLAIN_MLP)
    ]
    rates = [row["images_per_second"] for row in timed if row["images_per_second"]]
    ratios = [ratio(timed, reference) for reference in references]
    return [
        RECIPES[name].title,
        spread([100 * row["accuracy"] for row in own], 2),
        spread([row["nll"] for row in own], 4),
        str(len(own)),
        str(own[0]["epochs"]),
        f"{own[0]['parameters']:,}",
        f"{own[0]['multiply_adds']:,}",
        f"{median(rates):,.0f}" if rates else "",
        f"{median(row['fit_seconds'] for row in timed):.1f}" if timed else "",
        *("" if value is None else f"{value:.2f}" for value in ratios),
    ]


def spread(values: Sequence[float], places: int) -> str:
    """Return mean ± sample standard deviation; the mean alone if there is only one value."""
    centre = f"{mean(values):.{places}f}"
    return f"{centre} ± {stdev(values):.{places}f}" if len(values) > 1 else centre


def ratio(own: Sequence[Row], reference: Sequence[Row]) -> float | None:
    """Return the median, over the seeds that both have, of own / reference fit time; None if they share no seed.

    Each ratio is of two fits of one round, so that a machine that slows down between rounds slows both.
    """
    by_seed = {row["seed"]: row["fit_seconds"] for row in reference}
    quotients = [row["fit_seconds"] / by_seed[row["seed"]] for row in own if row["seed"] in by_seed]
    return median(quotients) if quotients else None


def _of(name: str, rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["name"] == name]
