"""How the report's charts look, and Vega-Lite drawn as SVG and PNG without a browser or a network.

Base is grey, head is blue; red is more mistakes. Charts decide nothing.
"""

import json
from typing import Any

import vl_convert

Spec = dict[str, Any]
PNG_SCALE = 2  # pixels a point, for screens of high density

GREY, BLUE, RED, INK, FAINT = "#b4bac4", "#1f5fbf", "#b3001b", "#24292f", "#f3f4f6"
_FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"  # of one width on all systems, as the layout is fixed
_CONFIG = {
    "background": "white",
    "font": _FONT,
    "title": {"anchor": "start", "fontSize": 13, "fontWeight": 600, "color": INK, "offset": 8},
    "axis": {
        "labelColor": "#57606a", "titleColor": "#57606a", "titleFontWeight": "normal", "labelFontSize": 11,
        "titleFontSize": 11, "gridColor": "#e8eaed", "domainColor": "#c9ced6", "tickColor": "#c9ced6",
    },
    "legend": {
        "labelColor": INK, "labelFontSize": 11, "labelLimit": 150, "title": None,
        "columnPadding": 14, "rowPadding": 2, "layout": {"bottom": {"direction": "vertical", "margin": 2}},
    },
    "view": {"stroke": None},
}  # fmt: skip


def svg(spec: Spec) -> str:
    return vl_convert.vegalite_to_svg(json.dumps(spec, allow_nan=False), allowed_base_urls=[])


def png(drawn: str) -> bytes:
    return vl_convert.svg_to_png(drawn, scale=PNG_SCALE)


def blank(title: str) -> Spec:
    """Return what every chart has in common."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "config": _CONFIG,
        "title": title,
        "padding": 8,
    }
