"""Where the digits of a surface may be, the most plausible first: dark on light or light on dark, near and far."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from app.reading.contrast import REACHES, contrast, has_light_ink, ink_mask, single_channel
from app.reading.digits import Layout, arrange
from app.reading.marks import Mark, find_marks, touches_edge, written
from app.reading.outlines import has_outline
from app.reading.rulings import without_rulings
from app.reading.sizes import resized

_SIDE = 1000  # pixels: a larger picture is looked at in half its size, or in this
_SMALL_SIDE = 224  # pixels: a smaller picture is enlarged
_LEAST_HEIGHT = 24  # pixels: smaller digits are looked at more closely
_AROUND = 2.0  # heights: how much around small digits is looked at
_STROKES = 2.5  # strokes fit into the reach in which paper is looked for


class Candidate(NamedTuple):
    layout: Layout  # in pixels of the surface; not empty
    expected: bool  # whether its ink is darker or lighter than most of the surface, as ink is


def candidates(image: np.ndarray) -> Iterator[Candidate]:
    """Yield what may be the digits of an (h, w, 3) uint8 surface; if they are small, from a closer look at them."""
    longer, shorter = max(image.shape[:2]), min(image.shape[:2])
    enlarged = min(max(_SMALL_SIDE / longer, _SMALL_SIDE / 2 / shorter), _SIDE / longer)
    scale = max(enlarged, min(1.0, max(_SIDE, longer / 2) / longer))
    sized = resized(image, scale)
    for candidate in _candidates(sized):
        layout = _moved(candidate.layout, 1 / scale)
        if scale < 1 and max(mark.height for mark in candidate.layout.digits) < _LEAST_HEIGHT:
            left, top, closer = _around(image, layout.digits)
            for again in _candidates(closer):
                yield again._replace(layout=_moved(again.layout, 1, left, top))
        else:
            yield candidate._replace(layout=layout)


def _around(image: np.ndarray, digits: list[Mark]) -> tuple[int, int, np.ndarray]:
    """Return the part of an image around digits, and its left and top."""
    margin = round(_AROUND * max(digit.height for digit in digits))
    left, top = (max(0, min(digit.box[i] for digit in digits) - margin) for i in (0, 1))
    return (
        left,
        top,
        image[
            top : max(digit.bottom for digit in digits) + margin, left : max(digit.right for digit in digits) + margin
        ],
    )


def _candidates(image: np.ndarray) -> Iterator[Candidate]:
    channel = single_channel(image)
    likely = has_light_ink(channel)
    for light_ink in (likely, not likely):
        for layout in _layouts(channel, light_ink):
            yield Candidate(layout, light_ink == likely)


def _layouts(channel: np.ndarray, light_ink: bool) -> Iterator[Layout]:
    """Yield what ink of one polarity may be, from a wide to a narrow look at what is around it."""
    stroke, is_found = 0.0, False
    first: list[Mark] | None = None  # marks, of the widest look
    for reach in REACHES:
        found = contrast(channel, light_ink, reach)
        marks = find_marks(found, without_rulings(ink_mask(found)))
        clear = [mark for mark in marks if has_outline(mark, channel, light_ink)]
        is_wide = first is None and len(clear) == len(marks)
        first = marks if first is None else first
        stroke = max([stroke, *(mark.stroke for mark in marks if not touches_edge(mark, channel.shape))])
        if not is_wide and reach * min(channel.shape) < _STROKES * stroke:
            break  # it is too near for strokes so thick: their inside would be taken for paper
        for layout in _arranged(clear, channel.shape):
            is_found = True
            yield layout
        if not is_found and len(clear) == len(marks):
            break
    if first and not is_found and (out_of_focus := arrange(written(first, channel.shape))).lines:
        yield out_of_focus


def _arranged(marks: list[Mark], shape: tuple[int, int]) -> Iterator[Layout]:
    """Yield the digits that are about as dark as the tall marks, and then, if there are others, as any mark."""
    layout = arrange(written(marks, shape))
    if layout.lines:
        yield layout
        of_any_size = arrange(written(marks, shape, any_size=True))
        if of_any_size.lines and of_any_size.digits[0].box != layout.digits[0].box:
            yield of_any_size


def _moved(layout: Layout, factor: float, left: int = 0, top: int = 0) -> Layout:
    """Return the layout with its digits where they are in a picture that is larger, or that it is a part of."""
    return layout._replace(lines=[[_moved_mark(mark, factor, left, top) for mark in line] for line in layout.lines])


def _moved_mark(mark: Mark, factor: float, left: int, top: int) -> Mark:
    x, y, width, height = (round(value * factor) for value in mark.box)
    return replace(mark, box=(left + x, top + y, max(1, width), max(1, height)))
