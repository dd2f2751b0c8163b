"""Letters in plain strokes, but for those that people write like a digit: b B D g G i I j l o O q Q s S y z Z."""

import re

import numpy as np

from stages.screening.pen import Stroke, bent, curve, draw

# Strokes by their points, x from 0 to 4 and y from 0 to 6 (9 below the line); ~ is a smooth one.
_LETTERS = """
06 20 46|14 34          ~42 40 00 06 46 44      40 00 06 46|03 33       40 00 06|03 33      00 06|40 46|03 43
~40 43 48 06 04         00 06|40 03 46          00 06 46                06 00 24 40 46      06 00 46 40
06 00|~00 50 53 03      06 00|~00 50 53 03|23 46  00 40|20 26           ~00 08 48 40        00 26 40
00 16 22 36 40          00 46|40 06             00 23 40|23 26          ~42 22 02 06 26 46 42|42 46
~02 22 42 44 46|~44 04 06 36 44                 ~44 42 02 06 46 44|40 46
04 44|~44 42 02 06 46 45  ~40 20 20 26|03 33    00 06|~04 02 42 46      00 06|42 04 46
02 06|~04 02 22 26|~24 22 42 46                 02 06|~04 02 42 46      02 09|~02 42 46 06
02 06|~04 02 42         ~20 26 46|02 42         ~02 06 46 42|42 46      02 46|42 06
"""


def _strokes(letter: str) -> list[Stroke]:
    strokes = []
    for part in letter.split("|"):
        points = np.array([[int(point[0]) / 4, int(point[1]) / 6] for point in part.removeprefix("~").split()])
        strokes.append(curve(points) if part.startswith("~") else points)
    return strokes


_SHAPES = [_strokes(letter) for letter in re.split(r"\s{2,}|\n", _LETTERS.strip())]


def draw_letter(random: np.random.RandomState) -> np.ndarray:
    """Return (96, 96) uint8 ink of a letter."""
    return draw(bent(_SHAPES[random.randint(len(_SHAPES))], random), random.randint(3, 14))
