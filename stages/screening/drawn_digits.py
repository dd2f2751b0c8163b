"""The ten digits in plain strokes, as a mouse or a careful pen draws them: MNIST has hardly any of straight lines."""

import numpy as np

from stages.screening.pen import Stroke, arc, bent, draw


def _line(*points: tuple[float, float]) -> Stroke:
    return np.array(points, np.float64)


def _join(*parts: Stroke) -> Stroke:
    return np.concatenate(parts)


_SHAPES: list[list[Stroke]] = [  # in the unit square
    [arc(0.5, 0.5, 0.32, 0.5, -90, 270)],
    [arc(0.5, 0.5, 0.4, 0.5, -70, 280)],
    [_line((0.5, 0), (0.5, 1))],
    [_line((0.25, 0.25), (0.55, 0), (0.55, 1))],
    [_line((0.3, 0.2), (0.5, 0), (0.5, 1)), _line((0.2, 1), (0.8, 1))],
    [_join(arc(0.5, 0.28, 0.36, 0.28, -170, 40), _line((0.1, 1), (0.9, 1)))],
    [_join(arc(0.5, 0.3, 0.33, 0.3, -200, 50), _line((0.3, 0.8), (0.15, 0.98), (0.9, 0.92)))],
    [_join(arc(0.45, 0.26, 0.34, 0.26, -150, 80), arc(0.45, 0.74, 0.38, 0.26, -80, 150))],
    [_join(_line((0.1, 0), (0.85, 0), (0.42, 0.4)), arc(0.45, 0.7, 0.38, 0.3, -80, 140))],
    [_line((0.25, 0), (0.12, 0.55), (0.9, 0.55)), _line((0.68, 0.15), (0.68, 1))],
    [_line((0.7, 1), (0.7, 0), (0.1, 0.66), (0.95, 0.66))],
    [_join(_line((0.3, 0), (0.25, 0.45)), arc(0.47, 0.69, 0.38, 0.31, -130, 140)), _line((0.3, 0), (0.85, 0))],
    [_join(_line((0.85, 0.03), (0.28, 0), (0.22, 0.48)), arc(0.46, 0.68, 0.36, 0.32, -110, 150))],
    [_join(_line((0.72, 0), (0.35, 0.3)), arc(0.5, 0.71, 0.33, 0.29, -180, 180))],
    [_join(arc(0.7, 0.62, 0.5, 0.62, -90, -170), arc(0.5, 0.71, 0.3, 0.29, -180, 180))],
    [_line((0.1, 0), (0.9, 0), (0.4, 1))],
    [_line((0.1, 0.05), (0.9, 0), (0.45, 1)), _line((0.3, 0.5), (0.8, 0.48))],
    [arc(0.5, 0.25, 0.28, 0.25, 90, 450), arc(0.5, 0.75, 0.35, 0.25, -90, 270)],
    [_join(arc(0.5, 0.25, 0.27, 0.25, -60, -260), arc(0.5, 0.75, 0.33, 0.25, -80, 240), _line((0.72, 0.15)))],
    [_join(arc(0.47, 0.29, 0.31, 0.29, 0, 360), _line((0.76, 0.4), (0.7, 1)))],
    [_join(arc(0.5, 0.3, 0.3, 0.3, -20, -380), arc(0.45, 0.65, 0.35, 0.35, 0, 110))],
]
_ONES = (2, 3, 4)  # in _SHAPES
_THICKEST, _THICKEST_ONE = 13, 20  # pixels: a 1 has no loop that would be filled


def draw_digit(random: np.random.RandomState) -> np.ndarray:
    """Return (96, 96) uint8 ink of a digit: narrow or wide, leaning either way, by a thin or a thick pen."""
    shape = random.randint(len(_SHAPES))
    thickest = _THICKEST_ONE if shape in _ONES else _THICKEST
    return draw(bent(_SHAPES[shape], random), random.randint(3, thickest + 1))
