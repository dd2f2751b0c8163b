"""Digits of 28x28 pixels redrawn as smooth ink of any size.

A mask is (h, w) float32, the share of each pixel that ink covers. The ink follows either the digit's own outline, as a
felt pen, or its middle line with a round pen of any width, as a ballpoint.
"""

from typing import NamedTuple

import cv2
import numpy as np

from benchmarks.scenes.draws import Draws

Colour = tuple[float, float, float]  # red, green, blue in [0, 1]

BLACK: Colour = (0.08, 0.08, 0.1)
BLUE: Colour = (0.1, 0.16, 0.55)
RED: Colour = (0.75, 0.1, 0.12)
GREEN: Colour = (0.05, 0.42, 0.2)
GREY: Colour = (0.36, 0.36, 0.38)
WHITE: Colour = (0.95, 0.95, 0.93)

FAINTEST = 0.1  # of full ink: less is none

_FINE = 8  # working pixels for each of the 28
_MARGIN = 3  # of the 28 pixels, around the ink
_LEVEL = 0.45  # of full ink: the outline
_WIDEST = 1.25  # a digit's width over its height; a 7 with a longer roof is made smaller
_FILLED = 1.6  # ink so many times as deep as usual fills a loop, and its middle line is another digit's


class Pen(NamedTuple):
    """What writes."""

    colour: Colour
    width: float | None  # of the digit's height; None: the strokes of MNIST's own pen
    density: float = 0.95  # the share of the paper's light that full ink takes away
    grain: float = 0.0  # how much of the ink is missing on the paper's grain, in [0, 1]


def ballpoint(draws: Draws, colour: Colour | None = None) -> Pen:
    return Pen(colour or draws.choice(BLACK, BLUE, BLUE), draws.uniform(0.035, 0.07), draws.uniform(0.75, 0.95), 0.1)


def felt_pen(draws: Draws, colour: Colour | None = None) -> Pen:
    return Pen(colour or draws.choice(BLACK, BLACK, BLUE, RED, GREEN), draws.choice(None, draws.uniform(0.08, 0.14)))


def pencil(draws: Draws) -> Pen:
    return Pen(GREY, draws.uniform(0.04, 0.08), draws.uniform(0.45, 0.75), draws.uniform(0.2, 0.5))


def any_pen(draws: Draws) -> Pen:
    return draws.choice(ballpoint, felt_pen, felt_pen, pencil)(draws)


def mask(pixels: np.ndarray, height: float, width: float | None = None) -> np.ndarray:
    """Return the digit, up to `height` pixels high, as a mask that ends where its ink does.

    pixels: (28, 28) float32, ink = 1. width: of the pen, as a share of the height; None keeps the digit's own strokes.
    """
    inside = _enlarge(pixels)  # (s, s) in [0, 1]
    ink = inside > _LEVEL
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    depth = _to_edge(ink)
    line = thin(ink)
    if width is None or depth.max() > _FILLED * np.median(depth[line]):
        width = None
        distance = depth - _to_edge(~ink)  # working pixels, above 0 in the ink
    else:
        distance = cv2.GaussianBlur(-_to_edge(~line), (0, 0), 1.5) + width * len(rows) / 2 + 1
    margin = _FINE if width is None else int(width * len(rows) / 2) + _FINE
    top, bottom = max(rows[0] - margin, 0), rows[-1] + margin
    left, right = max(columns[0] - margin, 0), columns[-1] + margin
    scale = height / max(len(rows), len(columns) / _WIDEST)
    distance = distance[top:bottom, left:right].astype(np.float32)
    size = max(2, round(distance.shape[1] * scale)), max(2, round(distance.shape[0] * scale))
    if scale < 1:
        soft = cv2.resize((distance * 0.7 + 0.5).clip(0, 1), size, interpolation=cv2.INTER_AREA)
    else:
        soft = (cv2.resize(distance, size, interpolation=cv2.INTER_CUBIC) * scale * 0.7 + 0.5).clip(0, 1)
    return trim(soft)


def trim(soft: np.ndarray) -> np.ndarray:
    """Return a mask without its empty rows and columns."""
    rows, columns = np.flatnonzero(soft.max(axis=1) > FAINTEST), np.flatnonzero(soft.max(axis=0) > FAINTEST)
    return soft[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def slanted(soft: np.ndarray, shear: float, degrees: float = 0.0) -> np.ndarray:
    """Return a mask that leans to the right by `shear` of its height and is turned."""
    height, width = soft.shape
    side = int(1.6 * max(height, width)) + 2
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.array([[1, -shear], [0, 1]])
    shift = side / 2 - turn @ np.array([width / 2, height / 2])
    matrix = np.hstack([turn, shift[:, np.newaxis]])
    return trim(cv2.warpAffine(soft, matrix, (side, side), flags=cv2.INTER_LINEAR))


def thin(ink: np.ndarray) -> np.ndarray:
    """Return the middle line of (h, w) bool ink, one pixel wide.

    T. Y. Zhang and C. Y. Suen, A fast parallel algorithm for thinning digital patterns, CACM 27 (1984).
    """
    line = np.pad(ink, 1).astype(np.uint8)
    while True:
        before = line.sum()
        for step in (0, 1):
            n, s = np.roll(line, 1, 0), np.roll(line, -1, 0)
            e, w = np.roll(line, -1, 1), np.roll(line, 1, 1)
            ne, nw, se, sw = np.roll(n, -1, 1), np.roll(n, 1, 1), np.roll(s, -1, 1), np.roll(s, 1, 1)
            around = [n, ne, e, se, s, sw, w, nw]
            count = sum(around)
            edges = sum((1 - a) * b for a, b in zip(around, [*around[1:], n], strict=True))
            first, second = ((n * e * s, e * s * w), (n * e * w, n * s * w))[step]
            line[(line == 1) & (count >= 2) & (count <= 6) & (edges == 1) & (first == 0) & (second == 0)] = 0
        if line.sum() == before:
            return line[1:-1, 1:-1].astype(bool)


def _enlarge(pixels: np.ndarray) -> np.ndarray:
    padded = np.pad(pixels, _MARGIN)
    side = len(padded) * _FINE
    large = cv2.resize(padded, (side, side), interpolation=cv2.INTER_CUBIC)
    return cv2.GaussianBlur(large, (0, 0), 0.4 * _FINE)


def _to_edge(area: np.ndarray) -> np.ndarray:
    """Return how far each pixel of a (h, w) bool area is from the nearest beyond it; 0 outside the area."""
    return cv2.distanceTransform(area.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
