"""The surfaces in a picture that may be written on: a sheet on a desk, a black square on a page, and the picture itself."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

_SIDE = 400  # pixels, of the picture in which surfaces are found
_SMALLEST, _LARGEST = 0.02, 0.92  # of the picture's area
_LEAST_WIDTH = 0.12  # of the picture's shorter side
_LONGEST = 2.6  # times its width
_FILLED = 0.9  # of its quadrilateral: the outline of a surface, which an oval has more of, or less
_SOLID = 0.5  # of its outline: less is a frame, and what is in it lies on the surface around it
_EDGE = 5  # pixels, of the picture of _SIDE: inside and outside are compared as far from the edge as this
_LEAST_STEP = 18.0  # of 255, from one side of an edge to the other
_SHARP = 0.75  # of the outline: as much as this has such a step
_AWAY = 0.3  # of its size: so far from a surface, the picture is still of another light
_INSET = 0.025  # of a surface: its edge, which is not ink
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

    def box(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """Return the box (left, top, width, height) in the picture around a box of the surface."""
        left, top, width, height = box
        corners = np.array([[(left, top), (left + width, top), (left, top + height), (left + width, top + height)]])
        moved = cv2.perspectiveTransform(corners.astype(np.float64), self.to_picture)
        return cv2.boundingRect(np.round(moved).astype(np.int32).reshape(-1, 1, 2))


def surfaces(picture: np.ndarray) -> Iterator[Surface]:
    """Yield the surfaces within an (h, w, 3) uint8 picture, the largest first; then the picture, straightened and as it is."""
    for corners in _cards(picture):
        yield _flattened(picture, corners)
    angle = tilt(picture)
    if _LEAST_TILT < abs(angle) < _MOST_TILT:
        yield _turned(picture, angle)
    yield Surface(picture, np.eye(3), False)


def _cards(picture: np.ndarray) -> list[np.ndarray]:
    """Return the (4, 2) float32 corners of each solid quadrilateral that is lighter or darker than what is around it."""
    scale = min(1.0, _SIDE / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.medianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), 5)
    found: list[tuple[float, np.ndarray]] = []
    for kind in (cv2.THRESH_BINARY, cv2.THRESH_BINARY_INV):
        _, mask = cv2.threshold(grey, 0, 255, kind + cv2.THRESH_OTSU)
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
        for contour in cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]:
            corners = _quadrilateral(contour, mask)
            if corners is not None and _has_edge(contour, grey):
                found.append((cv2.contourArea(contour), corners / scale))
    return [corners for _, corners in sorted(found, key=lambda card: -card[0])]


def _quadrilateral(contour: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
    """Return the (4, 2) corners of a contour that is the outline of a surface."""
    area, picture = cv2.contourArea(contour), mask.size
    if not _SMALLEST * picture < area < _LARGEST * picture:
        return None
    _, sides, _ = rectangle = cv2.minAreaRect(contour)
    if min(sides) < _LEAST_WIDTH * min(mask.shape) or max(sides) > _LONGEST * min(sides):
        return None
    hull = cv2.convexHull(contour)
    corners = cv2.approxPolyDP(hull, 0.04 * cv2.arcLength(hull, True), True).reshape(-1, 2).astype(np.float32)
    if len(corners) != 4:
        corners = cv2.boxPoints(rectangle)
    if not _FILLED < area / max(1.0, cv2.contourArea(corners)) < 2 - _FILLED:
        return None
    inside = np.zeros_like(mask)
    cv2.drawContours(inside, [contour], -1, 255, cv2.FILLED)
    if (mask[inside > 0] > 0).mean() < _SOLID:
        return None
    return corners


def _has_edge(contour: np.ndarray, grey: np.ndarray) -> bool:
    """Tell whether the light steps up or down along a contour, and stays so: a gradient, a line or a pen's loop is none."""
    inside = np.zeros_like(grey)
    cv2.drawContours(inside, [contour], -1, 255, cv2.FILLED)
    square = np.ones((_EDGE, _EDGE), np.uint8)
    within = cv2.erode(inside, square) - cv2.erode(inside, square, iterations=2)
    without = cv2.dilate(inside, square, iterations=2) - cv2.dilate(inside, square)
    step = np.abs(_local_mean(grey, within) - _local_mean(grey, without))
    if (step[_outline(inside)] > _LEAST_STEP).mean() <= _SHARP:
        return False
    away = round(_AWAY * math.sqrt(cv2.contourArea(contour))) | 1
    far = cv2.dilate(inside, np.ones((2 * away + 1,) * 2, np.uint8)) - cv2.dilate(
        inside, np.ones((away,) * 2, np.uint8)
    )
    return bool(abs(np.median(grey[inside > 0]) - np.median(grey[far > 0])) > _LEAST_STEP) if far.any() else True


def _outline(inside: np.ndarray) -> np.ndarray:
    """Return the outermost pixels of an (h, w) uint8 mask, (h, w) bool."""
    padded = np.pad(inside, 1)
    return (inside > 0) & (cv2.erode(padded, np.ones((3, 3), np.uint8))[1:-1, 1:-1] == 0)


def _local_mean(grey: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the mean of grey over the pixels of a mask around each pixel, (h, w) float32; NaN if none is near."""
    window, weight = (4 * _EDGE + 1,) * 2, (mask > 0).astype(np.float32)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = cv2.blur(weight, window)
        return np.where(share > 1e-3, cv2.blur(grey * weight, window) / share, np.nan)


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
    scale = min(1.0, _SIDE / max(picture.shape[:2]))
    small = cv2.resize(
        cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
    )
    edges = cv2.Canny(cv2.GaussianBlur(small, (0, 0), 1.0), 20, 60)
    side = min(small.shape)
    lines = cv2.HoughLinesP(edges, 1, np.pi / 360, int(0.3 * side), minLineLength=0.45 * side, maxLineGap=0.03 * side)
    if lines is None:
        return 0.0
    steps = np.diff(lines.reshape(-1, 2, 2), axis=1)[:, 0].astype(float)
    lengths = np.hypot(*steps.T)
    angles = (np.degrees(np.arctan2(steps[:, 1], steps[:, 0])) + 45) % 90 - 45
    counts, bounds = np.histogram(angles, bins=np.arange(-45.25, 45.5, 0.5), weights=lengths)
    peak = bounds[np.convolve(counts, (0.5, 1, 0.5), "same").argmax()] + 0.25
    near = np.abs(angles - peak) < 1
    return float(np.average(angles[near], weights=lengths[near])) if lengths[near].sum() > 1.2 * side else 0.0
