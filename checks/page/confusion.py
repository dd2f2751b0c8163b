"""Confusion matrices, drawn. Colour shows mistakes alone, as nearly all images are on the diagonal."""

from typing import Any

import numpy as np

from checks.page.charts import BLUE, FAINT, INK, RED, Spec, blank
from stages.artifacts.images import CLASSES

_CELL = 31  # points, the side of a cell of a confusion matrix


def most_confused(counts: np.ndarray) -> int:
    """Return the largest count off the diagonal of a (10, 10) matrix, whatever its sign; at least 1."""
    return max(1, int(np.abs(counts[~np.eye(CLASSES, dtype=bool)]).max()))


def chart(title: str, counts: np.ndarray, limit: int) -> Spec:
    """Return a heat map of a (10, 10) matrix, coloured by mistakes alone: most images are on the diagonal.

    limit: the count of the darkest colour.
    """
    scale = {"domain": [0, limit], "range": ["white", RED], "interpolate": "rgb"}
    return _heat_map(title, counts, scale, 0.5 * limit, "d")


def difference_chart(title: str, counts: np.ndarray, limit: int) -> Spec:
    """Return a heat map of head minus base, (10, 10): red where head makes more of a mistake, blue where fewer."""
    scale = {"domain": [-limit, 0, limit], "range": [BLUE, "white", RED], "interpolate": "rgb"}
    return _heat_map(title, counts, scale, 0.6 * limit, "+d")


def _heat_map(title: str, counts: np.ndarray, scale: dict[str, Any], dark: float, form: str) -> Spec:
    rows = [
        {"actual": actual, "predicted": predicted, "count": int(count)}
        for (actual, predicted), count in np.ndenumerate(counts)
    ]
    hit = "datum.actual == datum.predicted"
    axis = {"labelAngle": 0, "ticks": False, "domain": False, "labelFontSize": 12}
    return blank(title) | {
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
                        "condition": {"test": hit, "value": FAINT},
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
                        "value": INK,
                    },
                },
            },
        ],
    }
