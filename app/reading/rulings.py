"""The printed lines of a page, taken out of its ink: rulings, squares, margins, form fields."""

import cv2
import numpy as np

_LEAST_LENGTH = 0.5  # of the page's width or height
_GAP = 9  # pixels that a line may be broken for
_THINNESS = 32  # times its thickness: a line is at least so long, a pen's stroke is not
_BEYOND = 3  # pixels: ink that goes on so far beyond a line crosses it
_SAME_LENGTH = 0.15  # of the longer of two bars


def without_rulings(mask: np.ndarray) -> np.ndarray:
    """Return the ink, (h, w) bool, without long level and upright lines, and without the short ones that join them.

    Where other ink crosses a line, it stays whole.
    """
    level, level_thickness = _lines(mask)
    upright, upright_thickness = _lines(np.ascontiguousarray(mask.T))
    lines = level | upright.T
    if not lines.any():
        return mask
    rest = mask & ~lines
    return _without_bars(rest, lines, max(level_thickness, upright_thickness))


def _lines(mask: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the pixels of level lines, (h, w) bool, but for those where other ink crosses, and their thickness."""
    height, width = mask.shape
    ink = mask.astype(np.uint8)
    length = max(25, round(_LEAST_LENGTH * max(width, height / 2)))
    tall = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    joined = cv2.morphologyEx(tall, cv2.MORPH_CLOSE, np.ones((1, _GAP), np.uint8))
    long = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    lines = np.zeros(mask.shape, bool)
    thickest = 0.0
    if not long.any():
        return lines, thickest
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(long, connectivity=8)
    for i in range(1, count):
        left, top, across, tall_by, area = boxes[i]
        thickness = area / across
        if thickness > across / _THINNESS:
            continue
        first, last = max(0, top - _BEYOND), min(height, top + tall_by + _BEYOND)
        here = (slice(first, last), slice(left, left + across))
        band = cv2.dilate((labels[here] == i).astype(np.uint8), np.ones((3, 1), np.uint8)) > 0
        beyond = cv2.dilate(band.astype(np.uint8), np.ones((2 * _BEYOND + 1, 1), np.uint8)) > 0
        crossed = (mask[here] & beyond & ~band).any(axis=0)
        lines[here] |= band & mask[here] & ~crossed
        thickest = max(thickest, thickness)
    return lines, thickest


def _without_bars(rest: np.ndarray, lines: np.ndarray, thickness: float) -> np.ndarray:
    """Drop straight bars that end at a line and are no thicker, if there are two of the same length."""
    near = cv2.dilate(lines.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(rest.astype(np.uint8), connectivity=8)
    bars = []
    for i in range(1, count):
        left, top, width, height, area = boxes[i]
        here = (slice(top, top + height), slice(left, left + width))
        own = labels[here] == i
        if min(width, height) <= 2 * thickness + 2 and area > 0.6 * width * height and (own & near[here]).any():
            bars.append((i, max(width, height)))
    lengths = np.array([length for _, length in bars])
    dropped = [i for i, length in bars if (np.abs(lengths - length) <= _SAME_LENGTH * length).sum() > 1]
    return rest & ~np.isin(labels, dropped)
