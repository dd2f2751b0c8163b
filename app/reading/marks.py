"""The connected pieces of ink in a picture, and which of them may be digits or parts of digits."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

Box = tuple[int, int, int, int]  # left, top, width, height in pixels

_LEAST_SHARE = 0.4  # of the strongest ink of a mark: less is a shadow or a line that touches it
_LEAST_SIDE = 5  # pixels
_ALONG_EDGE = 0.3  # of its box's perimeter: a mark with so much of the picture's edge is not on the paper
_LEAST_INNER, _LEAST_INNER_OF_OPEN = 0.15, 0.4  # of the height of a mark: something so tall within it makes it a frame
_DIRECTIONS, _MOST_DIRECTIONS = 24, 21  # a mark around another is seen from it in so many of them
_LEAST_STRENGTH = 0.3  # of the strongest mark: less is the ink of the other side, or a stain
_LEAST_SIZE = 0.08  # of the tallest mark: less is dust
_ROUND, _FULL = 0.55, 0.9  # thickness over length, and share of its hull: a mark with more of both is a filled shape
_MOST_MARKS = 120  # more are a texture


@dataclass(frozen=True, eq=False)
class Mark:
    """A piece of ink."""

    box: Box
    mask: np.ndarray  # (height, width) bool
    contrast: np.ndarray  # (height, width) float32

    @property
    def left(self) -> int:
        return self.box[0]

    @property
    def top(self) -> int:
        return self.box[1]

    @property
    def width(self) -> int:
        return self.box[2]

    @property
    def height(self) -> int:
        return self.box[3]

    @property
    def right(self) -> int:
        return self.box[0] + self.box[2]

    @property
    def bottom(self) -> int:
        return self.box[1] + self.box[3]

    @cached_property
    def strength(self) -> float:
        """How much most of it stands out."""
        return float(np.percentile(self.contrast[self.mask], 80))

    @cached_property
    def stroke(self) -> float:
        """The width of its strokes: twice its area over the length of its outline."""
        outline = cv2.findContours(self.mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0]
        return 2 * float(self.mask.sum()) / max(1.0, sum(cv2.arcLength(contour, True) for contour in outline))

    @cached_property
    def thickness(self) -> float:
        """The diameter of the largest disc in it."""
        padded = np.pad(self.mask, 1).astype(np.uint8)
        return 2 * float(cv2.distanceTransform(padded, cv2.DIST_L2, 3).max())

    @cached_property
    def solidity(self) -> float:
        """Its area over that of its convex hull."""
        outlines = cv2.findContours(self.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
        hull = cv2.convexHull(np.concatenate(outlines))
        return float(self.mask.sum()) / max(1.0, cv2.contourArea(hull))


def find_marks(contrast: np.ndarray, mask: np.ndarray) -> list[Mark]:
    """Return the connected pieces of an (h, w) mask, the tallest first, less specks and fainter ink on them."""
    ink = mask.astype(np.uint8)
    count, labels = cv2.connectedComponents(ink, connectivity=8)
    inked = np.flatnonzero(ink)
    strengths = np.zeros(count, np.float32)
    np.maximum.at(strengths, labels.ravel()[inked].astype(np.intp), cv2.blur(contrast, (5, 5)).ravel()[inked])
    ink &= contrast > _LEAST_SHARE * strengths[labels]
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    large = (boxes[:, 2:4].max(axis=1) >= _LEAST_SIDE) & (boxes[:, 4] >= 2 * _LEAST_SIDE)
    large[0] = False  # the paper
    tallest = sorted(np.flatnonzero(large), key=lambda i: -boxes[i, 3])[:_MOST_MARKS]
    marks = []
    for i in tallest:
        left, top, width, height = (int(value) for value in boxes[i, :4])
        here = (slice(top, top + height), slice(left, left + width))
        marks.append(Mark((left, top, width, height), labels[here] == i, contrast[here]))
    return marks


def written(marks: list[Mark], shape: tuple[int, int], any_size: bool = False) -> list[Mark]:
    """Return the marks that may be written digits or parts of these.

    Left out: what lies along the picture's edge, frames and circles around other marks, and marks that are faint or
    tiny beside the others: beside the tall ones or, with `any_size`, faint beside any.
    """
    on_paper = [mark for mark in marks if not _is_along_edge(mark, shape)]
    marks = on_paper or [mark for mark in marks if _fills(mark, shape)]
    marks = [mark for mark in marks if not any(_encloses(mark, other) for other in marks)]
    if not marks:
        return []
    tallest = max(mark.height for mark in marks)
    strongest = max(mark.strength for mark in marks if any_size or mark.height >= 0.4 * tallest)
    marks = [mark for mark in marks if mark.strength >= _LEAST_STRENGTH * strongest]
    marks = _without_intruders(marks, shape)
    tallest = max(mark.height for mark in marks)
    return [mark for mark in marks if max(mark.height, mark.width) >= _LEAST_SIZE * tallest]


def _without_intruders(marks: list[Mark], shape: tuple[int, int]) -> list[Mark]:
    """Leave out what reaches in from the picture's edge, level with none of the marks that do not: a clip, a thumb."""
    inner = [mark for mark in marks if not touches_edge(mark, shape)]
    tallest = max((mark.height for mark in inner), default=0)
    if tallest < _LEAST_SIZE * max(mark.height for mark in marks):
        return marks
    tall = [mark for mark in inner if mark.height >= 0.5 * tallest]
    return [mark for mark in marks if mark in inner or any(_are_level(mark, other) for other in tall)]


def touches_edge(mark: Mark, shape: tuple[int, int]) -> bool:
    """Tell whether a mark ends at the edge of an (h, w) picture."""
    height, width = shape
    return mark.left <= 1 or mark.top <= 1 or mark.right >= width - 1 or mark.bottom >= height - 1


def _are_level(mark: Mark, other: Mark) -> bool:
    return min(mark.bottom, other.bottom) - max(mark.top, other.top) > 0.4 * min(mark.height, other.height)


def _fills(mark: Mark, shape: tuple[int, int]) -> bool:
    """Tell whether a mark is as large as the picture, which was cut to it, and is no filled shape."""
    return min(mark.height / shape[0], mark.width / shape[1]) > 0.6 and mark.solidity < _FULL


def _is_along_edge(mark: Mark, shape: tuple[int, int]) -> bool:
    height, width = shape
    sides = [
        mark.mask[:, 0] if mark.left <= 1 else [],
        mark.mask[0] if mark.top <= 1 else [],
        mark.mask[:, -1] if mark.right >= width - 1 else [],
        mark.mask[-1] if mark.bottom >= height - 1 else [],
    ]
    along = sum(int(np.sum(side)) for side in sides)
    is_strip = along > 0.5 * min(shape) and min(mark.width / width, mark.height / height) < 0.35
    return is_strip or along >= _ALONG_EDGE * 2 * (mark.width + mark.height)


def is_blob(mark: Mark) -> bool:
    """Tell whether a mark is a filled shape, which no pen draws: the corner of a table, the bulge of a shadow."""
    return mark.thickness > _ROUND * max(mark.width, mark.height) and mark.solidity > _FULL


def _encloses(mark: Mark, other: Mark) -> bool:
    """Tell whether a mark is a frame or a circle around another one: on all sides of it, if that one is small."""
    if mark is other or 1.3 * other.width * other.height > mark.width * mark.height:
        return False
    margin_x, margin_y = 0.1 * other.width, 0.1 * other.height
    is_across = mark.left <= other.left + margin_x and mark.right >= other.right - margin_x
    is_down = mark.top <= other.top + margin_y and mark.bottom >= other.bottom - margin_y
    if not (is_across and is_down) or other.height < _LEAST_INNER * mark.height:
        return False
    return other.height >= _LEAST_INNER_OF_OPEN * mark.height or _surrounds(mark, other)


def _surrounds(mark: Mark, other: Mark) -> bool:
    """Tell whether a mark is seen from the middle of another one in nearly every direction."""
    rows, columns = np.nonzero(mark.mask)
    down = rows + mark.top - (other.top + other.bottom) / 2
    right = columns + mark.left - (other.left + other.right) / 2
    seen = np.histogram(np.arctan2(down, right), bins=_DIRECTIONS, range=(-np.pi, np.pi))[0] > 0
    return int(seen.sum()) >= _MOST_DIRECTIONS
