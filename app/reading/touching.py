"""Digits that touch: the places at which a wide mark may be cut, and the parts between them."""

import math
from collections.abc import Callable

import numpy as np

from app.reading.marks import Box, Mark

_WIDE = 1.05  # of its height: a wider mark may be several digits
_NARROWEST, _WIDEST = 0.12, 1.1  # of its height: the width of one of them
_BAR = 0.4  # of its height: the width of a 1, and of a stroke of a letter
_MOST_CUTS = 10
_APART = 0.08  # of its height: cuts are at least as far from each other


def is_wide(mark: Mark) -> bool:
    return mark.mask.shape[1] > _WIDE * mark.mask.shape[0]


def cut(mark: Mark, scores: Callable[[list[Mark]], list[float]]) -> list[Mark]:
    """Return the parts of a mark, from left to right, that look most like digits; [mark] if it is best left whole.

    `scores` gives for each of several marks the probability that it is a digit that can be read.
    """
    height, width = mark.mask.shape
    bounds = [0, *_cuts(mark.mask), width]
    before = np.concatenate([[0], np.cumsum(mark.mask.sum(axis=0))])  # ink to the left of each column
    pairs = [
        (i, j)
        for i in range(len(bounds))
        for j in range(i + 1, len(bounds))
        if before[bounds[i]] < before[bounds[j]]
        and _NARROWEST * height < bounds[j] - bounds[i] < max(_WIDEST * height, width * (j - i == len(bounds) - 1))
    ]
    parts = {pair: _part(mark, bounds[pair[0]], bounds[pair[1]]) for pair in pairs}
    score = dict(zip(pairs, scores(list(parts.values())), strict=True))
    # The best way to each bound: the probability that all parts up to it are digits, and these parts.
    best: dict[int, tuple[float, list[Mark]]] = {0: (0.0, [])}
    for i, j in sorted(pairs, key=lambda pair: pair[1]):
        if i in best:
            way = best[i][0] + math.log(max(score[i, j], 1e-9)), [*best[i][1], parts[i, j]]
            if j not in best or way[0] > best[j][0]:
                best[j] = way
    found = best.get(len(bounds) - 1, (0.0, [mark]))[1]
    bars = sum(part.mask.shape[1] < _BAR * part.mask.shape[0] for part in found)
    return found if bars <= len(found) / 2 else [mark]  # strokes of a letter: an N, a v or a W


def _cuts(mask: np.ndarray) -> list[int]:
    """Return the columns with the least ink, some way apart, in order."""
    height, width = mask.shape
    ink = np.convolve(mask.sum(axis=0), np.ones(3) / 3, "same")
    found: list[int] = []
    for column in np.argsort(ink, kind="stable"):
        if len(found) < _MOST_CUTS and all(abs(column - other) > _APART * height for other in [0, width, *found]):
            found.append(int(column))
    return sorted(found)


def _part(mark: Mark, first: int, last: int) -> Mark:
    """Return the columns of a mark from `first` to before `last`, without the empty rows above and below."""
    mask = mark.mask[:, first:last]
    rows = np.flatnonzero(mask.any(axis=1))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, mask.shape[0])
    factor = mark.width / mark.mask.shape[1]  # the box may be in pixels of a larger picture
    left, above, across, down = (round(value * factor) for value in (first, top, last - first, bottom - top))
    box: Box = (mark.left + left, mark.top + above, max(1, across), max(1, down))
    return Mark(box, mask[top:bottom], mark.contrast[top:bottom, first:last])
