"""Charts of two sides as Vega-Lite specs, and their rendering to SVG and PNG without a browser or a network.

Base is grey, head is blue; red is more mistakes. Charts decide nothing.
"""

import json
from typing import Any

import numpy as np
import vl_convert

from checks.histories import Measure, Point
from stages.images import CLASSES

Spec = dict[str, Any]
PNG_SCALE = 2  # pixels a point, for screens of high density

_GREY, _BLUE, _RED, _INK, _FAINT = "#b4bac4", "#1f5fbf", "#b3001b", "#24292f", "#f3f4f6"
_CELL = 31  # points, the side of a cell of a confusion matrix
_LEAST = {"accuracy": 1e-4, "loss": 1e-5}  # as a logarithm has no 0
_TICKS = [digit * 10.0**power for power in range(-5, 4) for digit in (1, 2, 5)]
_FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"  # of one width on all systems, as the layout is fixed
_LEGEND = {"orient": "bottom", "direction": "horizontal", "symbolType": "stroke", "symbolSize": 250, "offset": 4}
_CONFIG = {
    "background": "white",
    "font": _FONT,
    "title": {"anchor": "start", "fontSize": 13, "fontWeight": 600, "color": _INK, "offset": 8},
    "axis": {
        "labelColor": "#57606a", "titleColor": "#57606a", "titleFontWeight": "normal", "labelFontSize": 11,
        "titleFontSize": 11, "gridColor": "#e8eaed", "domainColor": "#c9ced6", "tickColor": "#c9ced6",
    },
    "legend": {
        "labelColor": _INK, "labelFontSize": 11, "labelLimit": 150, "title": None,
        "columnPadding": 14, "rowPadding": 2, "layout": {"bottom": {"direction": "vertical", "margin": 2}},
    },
    "view": {"stroke": None},
}  # fmt: skip


def svg(spec: Spec) -> str:
    return vl_convert.vegalite_to_svg(json.dumps(spec, allow_nan=False), allowed_base_urls=[])


def png(drawn: str) -> bytes:
    return vl_convert.svg_to_png(drawn, scale=PNG_SCALE)


def hardness(measure: Measure, value: float) -> float:
    """Return what the vertical axis shows the logarithm of: the loss, or the share of mistakes."""
    return max(1 - value if measure == "accuracy" else value, _LEAST[measure])


def domain(measure: Measure, points: list[Point]) -> tuple[float, float]:
    """Return the range of the vertical axis that all the points of a measure fit into."""
    values = [hardness(measure, point.value) for point in points if point.measure == measure] or [0.1]
    return min(values) / 1.15, max(values) * 1.15


def curves(title: str, measure: Measure, sides: dict[str, list[Point]], limits: tuple[float, float]) -> Spec:
    """Return a line chart of one measure of one network: both sides in one pair of axes.

    sides: the points of each side by its name, base first; limits: of the vertical axis, see `domain`.
    """
    rows = [
        {"side": side, "epoch": point.epoch, "subset": point.subset, "value": hardness(measure, point.value)}
        for side, points in sides.items()
        for point in points
        if point.measure == measure
    ]
    label = "format(1 - datum.value, '.4~%')" if measure == "accuracy" else "format(datum.value, '~g')"
    return _spec(title) | {
        "data": {"values": rows},
        "width": 330,
        "height": 220,
        "mark": {"type": "line", "strokeCap": "round", "strokeJoin": "round"},
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
                "scale": {"domain": list(sides), "range": [_GREY, _BLUE]},
                "legend": _LEGEND,
            },
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
    }


def confusion_matrix(actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Count (n,) digits: return (10, 10) int, a row an actual digit, a column a predicted one."""
    return np.bincount(actual.astype(int) * CLASSES + predicted, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def most_confused(counts: np.ndarray) -> int:
    """Return the largest count off the diagonal of a (10, 10) matrix, whatever its sign; at least 1."""
    return max(1, int(np.abs(counts[~np.eye(CLASSES, dtype=bool)]).max()))


def confusion(title: str, counts: np.ndarray, limit: int) -> Spec:
    """Return a heat map of a (10, 10) matrix, coloured by mistakes alone: most images are on the diagonal.

    limit: the count of the darkest colour.
    """
    return _heat_map(
        title, counts, {"domain": [0, limit], "range": ["white", _RED], "interpolate": "rgb"}, 0.5 * limit, "d"
    )


def confusion_difference(title: str, counts: np.ndarray, limit: int) -> Spec:
    """Return a heat map of head minus base, (10, 10): red where head makes more of a mistake, blue where fewer."""
    scale = {"domain": [-limit, 0, limit], "range": [_BLUE, "white", _RED], "interpolate": "rgb"}
    return _heat_map(title, counts, scale, 0.6 * limit, "+d")


def _heat_map(title: str, counts: np.ndarray, scale: dict[str, Any], dark: float, form: str) -> Spec:
    rows = [
        {"actual": actual, "predicted": predicted, "count": int(count)}
        for (actual, predicted), count in np.ndenumerate(counts)
    ]
    hit = "datum.actual == datum.predicted"
    axis = {"labelAngle": 0, "ticks": False, "domain": False, "labelFontSize": 12}
    return _spec(title) | {
        "data": {"values": rows},
        "width": {"step": _CELL},
        "height": {"step": _CELL},
        "encoding": {
            "x": {"field": "predicted", "type": "ordinal", "axis": axis | {"title": "predicted"}},
            "y": {"field": "actual", "type": "ordinal", "axis": axis | {"title": "actual"}},
        },
        "layer": [
            {
                "mark": {"type": "rect", "stroke": "#e8eaed", "strokeWidth": 1},
                "encoding": {
                    "color": {
                        "condition": {"test": hit, "value": _FAINT},
                        "field": "count",
                        "type": "quantitative",
                        "scale": scale,
                        "legend": None,
                    }
                },
            },
            {
                "transform": [{"filter": "datum.count != 0"}],
                "mark": {"type": "text", "fontSize": 10.5},
                "encoding": {
                    "text": {"field": "count", "type": "quantitative", "format": form},
                    "color": {
                        "condition": [
                            {"test": hit, "value": "#6e7781"},
                            {"test": f"abs(datum.count) > {dark}", "value": "white"},
                        ],
                        "value": _INK,
                    },
                },
            },
        ],
    }


def _spec(title: str) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "config": _CONFIG,
        "title": title,
        "padding": 8,
    }
