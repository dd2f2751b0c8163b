"""Rows of the benchmark as the Markdown table that the README shows. Pure functions."""

from collections.abc import Sequence
from statistics import mean, median, stdev
from typing import Any

from benchmarks.peers.recipes import KERAS_CONVNET, PLAIN_MLP, RECIPES

Row = dict[str, Any]  # as benchmarks/peers.json holds it: one recipe fitted with one seed

HEADER = (
    "recipe",
    "accuracy, %",
    "NLL, nats",
    "n",
    "epochs",
    "parameters",
    "multiplications",
    "images a second",
    "fit, s",
    "time / mnist_convnet's",
    "time / plain's",
    "share of peak",
)
NOTE = """\
Each recipe was trained on the same 37,800 rows; no epoch was picked. Accuracy and NLL of the last epoch's network on
MNIST's official 10,000 test images: mean ± standard deviation over n seeds. Multiplications are those of one image's
prediction, in convolutions and dense layers; images a second are onnxruntime's, of the network as an ONNX file. Times
of the fit are medians; the ratios are the median over the rounds of the ratio within a round. The share is that of the
single-precision peak (a 4096 x 4096 matrix product on as many threads, in the same round) that training reached,
counting three forward passes an image of convolutions and dense layers, and nothing else. The `mlp`'s teacher is the
`cnn` of the same round: the time that it takes to ask it is in the fit, its own training is not, and the share does not
count its work."""


def markdown(results: dict[str, Any]) -> str:
    """Return benchmarks/peers.json as a table with what has to be known to read it."""
    lines = [_line(HEADER), _line(["---", *["---:"] * (len(HEADER) - 1)])]
    lines += [_line(cells(name, results["rows"])) for name in RECIPES if _of(name, results["rows"])]
    trial = [f"A trial with `--epochs {results['epochs']}`: not the recipes.", ""] if results["epochs"] else []
    peak = median(row["flops"] / row["share"] for row in results["rows"])
    machine = f"Machine: {results['machine']}; its peak: {peak / 1e9:.0f} GFLOP/s."
    return "\n".join([*lines, "", *trial, NOTE, "", machine]) + "\n"


def cells(name: str, rows: Sequence[Row]) -> list[str]:
    """Return the cells of one recipe."""
    own = _of(name, rows)
    rates = [row["images_per_second"] for row in own if row["images_per_second"]]
    return [
        RECIPES[name].title,
        spread([100 * row["accuracy"] for row in own], 2),
        spread([row["nll"] for row in own], 4),
        str(len(own)),
        str(own[0]["epochs"]),
        f"{own[0]['parameters']:,}",
        f"{own[0]['multiply_adds']:,}",
        f"{median(rates):,.0f}" if rates else "",
        f"{median(row['fit_seconds'] for row in own):.1f}",
        _ratios(own, _of(KERAS_CONVNET, rows)),
        _ratios(own, _of(PLAIN_MLP, rows)),
        f"{median(row['share'] for row in own):.0%}".replace("%", " %"),
    ]


def spread(values: Sequence[float], places: int) -> str:
    """Return mean ± sample standard deviation; the mean alone where there is but one value."""
    centre = f"{mean(values):.{places}f}"
    return f"{centre} ± {stdev(values):.{places}f}" if len(values) > 1 else centre


def ratio(own: Sequence[Row], reference: Sequence[Row], key: str) -> float | None:
    """Return the median, over the seeds that both have, of own / reference; None where they share no seed.

    Each ratio is of two fits of one round, so that a machine that slows down in between rounds slows both.
    """
    by_seed = {row["seed"]: row[key] for row in reference}
    quotients = [row[key] / by_seed[row["seed"]] for row in own if row["seed"] in by_seed]
    return median(quotients) if quotients else None


def _ratios(own: Sequence[Row], reference: Sequence[Row]) -> str:
    fit = ratio(own, reference, "fit_seconds")
    return "" if fit is None else f"{fit:.2f}"


def _of(name: str, rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["name"] == name]


def _line(values: Sequence[str]) -> str:
    return f"| {' | '.join(values)} |"
