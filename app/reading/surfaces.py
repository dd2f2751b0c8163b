"""The surfaces that may be written on, straightened: sheets and other cards in a picture, and the picture itself."""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from app.reading.cards import find_cards
from app.reading.layouts import candidates
from app.reading.marks import Box, Mark
from app.reading.sizes import shrunk

_SIDE = 400  # pixels, of the picture in which lines are found
_LOOP = 0.5  # of the box of a digit: the paper within it is less
_INSET = 0.025  # of a surface: its edge, which is not ink
_LEAST_LINE = 0.6  # of the shorter side: a shorter line may be a stroke of a digit
_LEAST_TILT = 0.7  # degrees
_MOST_TILT = 20.0


class Surface(NamedTuple):
    image: np.ndarray  # (h, w, 3) uint8, straightened
    to_picture: np.ndarray  # (3, 3): from its pixels to those of the picture
    is_part: bool  # of the picture

    def share(self, picture: np.ndarray) -> float:
        """Return how much of the picture it is."""
        _, _, width, height = self.box((0, 0, self.image.shape[1], self.image.shape[0]))
        return width * height / (picture.shape[0] * picture.shape[1])

    def box(self, box: Box) -> Box:
        """Return the box (left, top, width, height) in the picture around a box of the surface."""
        left, top, width, height = box
        corners = np.array([[(left, top), (left + width, top), (left, top + height), (left + width, top + height)]])
        moved = cv2.perspectiveTransform(corners.astype(np.float64), self.to_picture)
        x, y, across, down = cv2.boundingRect(np.round(moved).astype(np.int32).reshape(-1, 1, 2))
        return x, y, across, down


def surfaces(picture: np.ndarray) -> Iterator[Surface]:
    """Yield the surfaces within an (h, w, 3) uint8 picture, the largest first; then the picture itself."""
    cards = find_cards(picture)
    pens = [mark.box for mark in _digits(picture)] if cards else []
    for corners in cards:
        if not any(_is_loop(corners, box) for box in pens):
            yield _flattened(picture, corners)
    angle = tilt(picture)
    if _LEAST_TILT < abs(angle) < _MOST_TILT:
        yield _turned(picture, angle)
    yield Surface(picture, np.eye(3), False)


def _digits(picture: np.ndarray) -> list[Mark]:
    """Return what may be the digits of the picture as a whole."""
    candidate = next(candidates(picture), None)
    return candidate.layout.digits if candidate and candidate.expected else []


def _is_loop(corners: np.ndarray, box: Box) -> bool:
    """Tell whether a card is the paper within a pen's loop: inside the box of a digit, and much smaller."""
    left, top, width, height = box
    (x, y), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    is_inside = x >= left and y >= top and right <= left + width and bottom <= top + height
    return bool(is_inside and cv2.contourArea(corners) < _LOOP * width * height)


def _flattened(picture: np.ndarray, corners: np.ndarray) -> Surface:
    """Return the quadrilateral as a rectangle without its edge."""
    corners = _from_top_left(corners)
    centre = corners.mean(axis=0)
    corners = (centre + (corners - centre) * (1 - 2 * _INSET)).astype(np.float32)
    top, right, bottom, left = (float(np.hypot(*(corners[(i + 1) % 4] - corners[i]))) for i in range(4))
    width, height = max(8, round(max(top, bottom))), max(8, round(max(left, right)))
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    image = cv2.warpPerspective(picture, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return Surface(image, np.linalg.inv(matrix), True)


def _from_top_left(corners: np.ndarray) -> np.ndarray:
    """Return the corners clockwise, from the one that is nearest to the picture's top left."""
    centre = corners.mean(axis=0)
    angles = np.arctan2(*(corners - centre).T[::-1])
    corners = corners[np.argsort(angles)]
    return np.roll(corners, -int(corners.sum(axis=1).argmin()), axis=0)


def _turned(picture: np.ndarray, angle: float) -> Surface:
    """Return the picture, turned back by an angle in degrees."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = int(height * sine + width * cosine), int(height * cosine + width * sine)
    matrix[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    image = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return Surface(image, np.linalg.inv(np.vstack([matrix, (0, 0, 1)])), False)


def tilt(picture: np.ndarray) -> float:
    """Return by how many degrees, clockwise, most long straight lines are turned; 0 if there are few."""
    small, _ = shrunk(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), _SIDE)
    edges = cv2.Canny(cv2.GaussianBlur(small, (0, 0), 1.0), 20, 60)
    side = min(edges.shape)
    lines = cv2.HoughLinesP(
        edges, 1, np.pi / 360, int(0.3 * side), minLineLength=_LEAST_LINE * side, maxLineGap=0.03 * side
    )
    if lines is None:
        return 0.0
    steps = np.diff(lines.reshape(-1, 2, 2), axis=1)[:, 0].astype(float)
    lengths = np.hypot(*steps.T)
    angles = (np.degrees(np.arctan2(steps[:, 1], steps[:, 0])) + 45) % 90 - 45
    counts, bounds = np.histogram(angles, bins=np.arange(-45.25, 45.5, 0.5), weights=lengths)
    peak = bounds[np.convolve(counts, (0.5, 1, 0.5), "same").argmax()] + 0.25
    near = np.abs(angles - peak) < 1
    return float(np.average(angles[near], weights=lengths[near])) if lengths[near].sum() > 1.2 * side else 0.0
