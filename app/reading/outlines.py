"""What tells ink from the bulge of a shadow: ink has an edge all around."""

import cv2
import numpy as np

from app.reading.contrast import local_mean
from app.reading.marks import Mark

_STEP = 0.25  # of a mark's strength: the least step at its edge
_ALL_AROUND = 0.85  # of its outline: a mark with less is a part of something dark, or joined to it


def has_outline(mark: Mark, channel: np.ndarray, light_ink: bool) -> bool:
    """Tell whether a mark of an (h, w) uint8 channel is darker (lighter) than what is around it on all its sides.

    Where the paper that is estimated bridges a bay in a shadow's edge, a piece of the shadow stands out from it, and on
    one side from nothing that is there.
    """
    reach = max(2, round(mark.stroke / 2))
    margin = 2 * reach
    top, left = max(0, mark.top - margin), max(0, mark.left - margin)
    around = channel[top : mark.bottom + margin, left : mark.right + margin].astype(np.float32)
    ink = np.zeros(around.shape, np.float32)
    ink[mark.top - top : mark.bottom - top, mark.left - left : mark.right - left] = mark.mask
    outline = ink > cv2.erode(ink, np.ones((3, 3), np.uint8))  # not along the picture's edge: nothing is known beyond
    step = local_mean(around, 1 - ink, reach) - local_mean(around, ink, reach)
    steps = step[outline] * (-1 if light_ink else 1)
    return bool(steps.size == 0 or (steps > _STEP * mark.strength).mean() > _ALL_AROUND)
