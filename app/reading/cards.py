"""Cards in a picture: a sheet on a desk, a sticky note on a wall, a black square on a white page."""

import math

import cv2
import numpy as np

from app.reading.contrast import channels, local_mean
from app.reading.sizes import shrunk

_SIDE = 400  # pixels, of the picture in which cards are found
_LEAST_PIXELS = 64  # of the picture's shorter side: in a smaller one, there is nothing but a digit
_OPENINGS = (5, 41)  # pixels: narrower areas are cut off, as the squares of a tablecloth that touch a sheet
_SMALLEST, _LARGEST = 0.02, 0.92  # of the picture's area
_LEAST_WIDTH = 0.12  # of the picture's shorter side
_LONGEST = 4.5  # times its width
_FILLED = 0.88  # of the area of a card and its quadrilateral together: they share as much
_SOLID = 0.5  # of its outline: less is a frame, and what is in it lies on the surface around it
_EDGE = 5  # pixels: inside and outside are compared as far from the edge as this
_LEAST_STEP = 18.0  # of 255, from one side of an edge to the other
_SHARP = 0.75  # of the outline: as much as this has such a step
_AWAY = 0.9  # of its size: so far from a card, the picture is still of another light
_MAIN = 0.25  # of the picture's area: around a card so large, there may be nothing so far away


def find_cards(picture: np.ndarray) -> list[np.ndarray]:
    """Return the (4, 2) float32 corners of each solid quadrilateral of another light or colour, the largest first."""
    if min(picture.shape[:2]) < _LEAST_PIXELS:
        return []
    small, scale = shrunk(picture, _SIDE)
    found: list[tuple[float, np.ndarray]] = []
    for channel in (cv2.medianBlur(channel(small), 5) for channel in channels(small)):
        _, light = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        for mask in (light, cv2.bitwise_not(light)):
            for side in _OPENINGS:
                opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
                for contour in cv2.findContours(opened, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]:
                    corners = _quadrilateral(contour, opened)
                    if corners is not None and _is_new(corners, found) and _has_edge(contour, channel):
                        found.append((cv2.contourArea(contour), corners))
    return [corners / scale for _, corners in sorted(found, key=lambda card: -card[0])]


def _quadrilateral(contour: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
    """Return the (4, 2) corners of a contour that is the outline of a card."""
    area, picture = cv2.contourArea(contour), mask.size
    if not _SMALLEST * picture < area < _LARGEST * picture:
        return None
    _, sides, _ = rectangle = cv2.minAreaRect(contour)
    if min(sides) < _LEAST_WIDTH * min(mask.shape) or max(sides) > _LONGEST * min(sides):
        return None
    hull = cv2.convexHull(contour)
    corners = cv2.approxPolyDP(hull, 0.04 * cv2.arcLength(hull, True), True).reshape(-1, 2)
    if len(corners) != 4:
        corners = cv2.boxPoints(rectangle)
    inside, ideal = _filled(contour, mask.shape), _filled(corners.round().astype(np.int32), mask.shape)
    if (inside & ideal).sum() < _FILLED * (inside | ideal).sum():
        return None
    return corners.astype(np.float32) if (mask[inside] > 0).mean() >= _SOLID else None


def _filled(contour: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    inside = np.zeros(shape, np.uint8)
    cv2.drawContours(inside, [contour], -1, 1, cv2.FILLED)
    return inside > 0


def _is_new(corners: np.ndarray, found: list[tuple[float, np.ndarray]]) -> bool:
    """Tell whether no card that was found in another channel has the same centre."""
    centres = np.array([card.mean(axis=0) for _, card in found]).reshape(-1, 2)
    return bool((np.abs(centres - corners.mean(axis=0)).max(axis=1) > 2 * _EDGE).all())


def _has_edge(contour: np.ndarray, channel: np.ndarray) -> bool:
    """Tell whether the light steps along a contour, and stays so: a gradient, a line or a pen's loop is no edge."""
    inside = _filled(contour, channel.shape).astype(np.uint8)
    step = np.fmin(_step(inside, channel, 1), _step(inside, channel, 4))  # the second is past the line of a frame
    outline = (inside > 0) & (cv2.erode(np.pad(inside, 1), np.ones((3, 3), np.uint8))[1:-1, 1:-1] == 0)
    if (step[outline] > _LEAST_STEP).mean() <= _SHARP:
        return False
    away = round(_AWAY * math.sqrt(cv2.contourArea(contour))) | 1
    nearer, farther = (cv2.dilate(inside, np.ones((side, side), np.uint8)) for side in (away, 2 * away + 1))
    far = channel[(farther > 0) & (nearer == 0)]
    if far.size == 0:
        return bool(inside.mean() > _MAIN)
    return bool(abs(np.median(channel[inside > 0]) - np.median(far)) > _LEAST_STEP)


def _step(inside: np.ndarray, channel: np.ndarray, away: int) -> np.ndarray:
    """Return how far the light inside an outline differs from that outside, `away` times two pixels from it."""
    square, values = np.ones((_EDGE, _EDGE), np.uint8), channel.astype(np.float32)
    means = []
    for grow in (cv2.erode, cv2.dilate):
        ring = cv2.absdiff(*(grow(inside, square, iterations=count) for count in (away, 2 * away)))
        means.append(local_mean(values, ring.astype(np.float32), 2 * _EDGE))
    return np.abs(means[0] - means[1])
