"""Charts of a network's training: accuracy and loss by epoch, both sides in one pair of axes.

The vertical axis is the logarithm of the loss, or of the share of mistakes: late epochs differ in the last tenths.
"""

from checks.page.charts import BLUE, GREY, Spec, blank
from checks.page.histories import Measure, Point

_LEAST = {"accuracy": 1e-4, "loss": 1e-5}  # as a logarithm has no 0
_TICKS = [digit * 10.0**power for power in range(-5, 4) for digit in (1, 2, 5)]
_LEGEND = {"orient": "bottom", "direction": "horizontal", "symbolType": "stroke", "symbolSize": 250, "offset": 4}


def hardness(measure: Measure, value: float) -> float:
    """Return what the vertical axis shows the logarithm of: the loss, or the share of mistakes."""
    return max(1 - value if measure == "accuracy" else value, _LEAST[measure])


def domain(measure: Measure, points: list[Point]) -> tuple[float, float]:
    """Return the range of the vertical axis that all the points of a measure fit into."""
    values = [hardness(measure, point.value) for point in points if point.measure == measure] or [0.1]
    return min(values) / 1.15, max(values) * 1.15


def chart(title: str, measure: Measure, sides: dict[str, list[Point]], limits: tuple[float, float]) -> Spec:
    """Return a line chart of one measure of one network: both sides in one pair of axes.

    sides: the points of each side by its name, base first; limits: of the vertical axis, see `domain`.
    """
    rows = [
        {"side": side, "epoch": point.epoch, "subset": point.subset, "value": hardness(measure, point.value)}
        for side, points in sides.items()
        for point in points
        if point.measure == measure
    ]
    dots = [side for side in sides if len({row["epoch"] for row in rows if row["side"] == side}) == 1]  # make no line
    label = "format(1 - datum.value, '.4~%')" if measure == "accuracy" else "format(datum.value, '~g')"
    return blank(title) | {
        "data": {"values": rows},
        "width": 330,
        "height": 220,
        "encoding": {
            "x": {
                "field": "epoch",
                "type": "quantitative",
                "axis": {"title": "epoch", "grid": False, "tickMinStep": 1, "format": "d"},
                "scale": {"zero": False, "nice": False},
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                "scale": {"type": "log", "domain": limits, "nice": False, "reverse": measure == "accuracy"},
                "axis": {
                    "title": "accuracy" if measure == "accuracy" else "loss (nats)",
                    "values": [tick for tick in _TICKS if limits[0] <= tick <= limits[1]],
                    "labelExpr": label,
                },
            },
            "color": {
                "field": "side",
                "scale": {"domain": list(sides), "range": [GREY, BLUE]},
                "legend": _LEGEND,
            },
        },
        "layer": [
            {
                "mark": {"type": "line", "strokeCap": "round", "strokeJoin": "round"},
                "encoding": {
                    "strokeWidth": {
                        "field": "side",
                        "scale": {"domain": list(sides), "range": [4.5, 1.8]},  # equal curves: head within base
                    },
                    "strokeDash": {
                        "field": "subset",
                        "scale": {"domain": ["validation", "training"], "range": [[1, 0], [2, 5]]},
                        "legend": _LEGEND,
                    },
                },
            },
            {
                "mark": {"type": "circle", "size": 36, "opacity": 1},
                "transform": [{"filter": {"field": "side", "oneOf": dots}}],
            },
        ],
    }
