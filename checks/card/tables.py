"""The model card's tables, as Markdown. Pure functions of the card; they work nothing out."""

from collections.abc import Sequence
from statistics import median

from benchmarks.peers.table import spread
from checks.card.card import Card
from checks.card.network import Network
from checks.gate.statistics import Share
from stages.artifacts.images import CLASSES, SIDE
from stages.config.params import ModelParams


def networks(card: Card) -> str:
    headings = ["", *(f"`{network.name}`" for network in card.networks)]
    return _table(headings, _across([_architecture(network) for network in card.networks]), "---")


def training(card: Card) -> str:
    headings = ["", *(f"`{network.name}`" for network in card.networks)]
    return _table(headings, _across([_recipe(network.params) for network in card.networks]), "---")


def figures(card: Card) -> str:
    headings = ["network", "images", "accuracy", "95 % interval", "loss", "brier", "ece", "95 % interval"]
    rows = []
    for network in card.networks:
        name = f"`{network.name}`"
        for subset, of in network.figures.items():
            calibration = [percent(of.ece), interval((of.ece_low, of.ece_high))]
            known = [percent(of.accuracy), interval(of.correct.interval)]
            rows.append([name, subset, *known, f"{of.loss:.4f}", f"{of.brier:.4f}", *calibration])
        if network.official:
            right = network.official.correct
            known = [percent(right.value), interval(right.interval)]
            rows.append([name, f"the {right.whole:,} official of these", *known, "", "", "", ""])
    return _table(headings, rows)


def seeds(card: Card) -> str:
    headings = ["network", "accuracy, %", "loss, nats", "seeds", "time of a fit"]
    rows = [
        [
            f"`{network.name}`",
            spread([100 * fit.accuracy for fit in network.fits], 2),
            spread([fit.loss for fit in network.fits], 4),
            str(len(network.fits)),
            f"{median(fit.seconds for fit in network.fits):.0f} s",
        ]
        for network in card.networks
        if network.fits
    ]
    return _table(headings, rows)


def recalls(card: Card) -> str:
    digits = card.networks[0].recalls
    rows = [["images", *(f"{share.whole:,}" for share in digits.values())]]
    rows += [
        [f"`{network.name}`, %", *(f"{100 * share.value:.2f}" for share in network.recalls.values())]
        for network in card.networks
    ]
    return _table(["digit", *map(str, digits)], rows)


def curves(card: Card) -> str:
    """Return one table: of each corruption a row of its strengths, in bold, and below it a row a network."""
    rows = []
    for of_networks in zip(*(network.curves for network in card.networks), strict=True):
        first = of_networks[0]
        strengths = [f"**{strength:g}**" for strength in first.points]
        rows.append([f"**{first.corruption}, {first.unit}**", *strengths])
        for network, curve in zip(card.networks, of_networks, strict=True):
            rows.append([f"`{network.name}`, %", *(f"{100 * accuracy:.1f}" for accuracy in curve.points.values())])
    return _table(rows[0], rows[1:])


def percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def interval(ends: tuple[float, float]) -> str:
    low, high = ends
    return f"{100 * low:.2f} to {percent(high)}"


def counted(share: Share) -> str:
    return f"{share.part:,} of {share.whole:,}"


def _architecture(network: Network) -> dict[str, str]:
    widths, params = network.params.layers, network.params
    layers = {
        "mlp": "-".join(map(str, (SIDE * SIDE, *widths, CLASSES))) + ", ReLU between",
        "cnn": f"convolutions of {', '.join(map(str, widths))} channels, ReLU after each, then {CLASSES}",
    }[network.name]
    moved = f", and moved {params.test_shift} px up, down, left, right" if params.test_shift else ""
    return {
        "layers": layers,
        "parameters": f"{network.parameters:,}",
        "networks that are averaged": str(params.members),
        "views that are averaged": f"the image{moved}",
    }


def _recipe(params: ModelParams) -> dict[str, str]:
    """Return what training does, with units."""
    warp, taught = params.augment, params.distillation
    labels = f", and the labels for {100 * taught.label_share:g} % of the loss" if taught.label_share else ""
    last = min(warp.final_epochs, params.epochs)
    return {
        "learns": f"the probabilities of the {params.teacher}, at temperature {taught.temperature:g}{labels}"
        if params.is_taught
        else "the labels",
        "epochs, images a step": f"{params.epochs}, {params.batch_size}",
        "optimizer": f"{params.optimizer}, weight decay {params.weight_decay:g}",
        "learning rate": f"up to {params.learning_rate:g} over {100 * params.warmup:g} % of the steps, then down to 0",
        "dropout": f"{100 * params.dropout:g} %",
        "rotation": f"±{warp.rotation:g}°",
        "zoom": f"±{100 * warp.zoom:g} %",
        "shear": f"±{warp.shear:g} px a px",
        "shift": f"±{warp.shift:g} px",
        "elastic distortion": f"{warp.elastic:g} px (standard deviation)" if warp.elastic else "none",
        "the last epochs": f"{last} with {warp.final_strength:g} of these ranges" if last else "as the others",
    }


def _across(columns: Sequence[dict[str, str]]) -> list[list[str]]:
    """Return a row for each label, which all columns share."""
    return [[label, *(column[label] for column in columns)] for label in columns[0]]


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], align: str = "---:") -> str:
    """Columns after the first are numbers, unless `align` says that they are words."""
    rule = ["---", *[align] * (len(headings) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [headings, rule, *rows])
