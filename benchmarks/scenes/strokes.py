"""Letters as the strokes of a pen: points on a grid, x from 0 to 4, y from 0 (top) to 6 (baseline) and 8 (descenders).

A stroke is a chain of points; one that starts with "~" is a smooth curve near them.
"""

from itertools import pairwise

from benchmarks.scenes.draws import Draws

Stroke = list[tuple[float, float]]

LETTERS = {
    "A": "06 20 46|14 34", "B": "00 06|~00 30 43 03|~03 43 46 36 06", "C": "~41 30 10 02 04 16 36 45",
    "D": "00 06|~00 30 42 44 36 06", "E": "40 00 06 46|03 33", "F": "40 00 06|03 33",
    "G": "~41 30 10 02 04 16 36 45 43|43 23", "H": "00 06|40 46|03 43", "I": "20 26|10 30|16 36",
    "J": "~30 35 26 16 05|10 40", "K": "00 06|40 03 46", "L": "00 06 46", "M": "06 00 23 40 46", "N": "06 00 46 40",
    "O": "~20 02 04 26 44 42 20", "P": "00 06|~00 30 41 42 33 03", "Q": "~20 02 04 26 44 42 20|24 46",
    "R": "00 06|~00 30 41 42 33 03|23 46", "S": "~41 30 10 01 12 33 44 35 26 05", "T": "00 40|20 26",
    "U": "~00 04 16 36 44 40", "V": "00 26 40", "W": "00 16 22 36 40", "X": "00 46|40 06", "Y": "00 23|40 23 26",
    "Z": "00 40 06 46", "a": "~33 22 12 03 05 16 26 35|32 36", "b": "00 06|~03 12 32 43 45 36 16 05",
    "c": "~33 22 12 03 05 16 26 35", "d": "40 46|~43 32 12 03 05 16 36 45", "e": "~04 44 33 22 12 03 05 16 36 45",
    "f": "~40 30 21 26|12 32", "g": "~33 22 12 03 04 15 25 34|~32 37 28 18 07", "h": "00 06|~04 12 32 43 46",
    "i": "22 26|20 21", "j": "~32 37 28 18 07|30 31", "k": "00 06|32 04 36", "l": "20 26",
    "m": "02 06|~03 12 22 26|~23 32 42 46", "n": "02 06|~04 12 32 43 46", "o": "~22 03 05 26 45 43 22",
    "p": "02 08|~03 12 32 43 45 36 16 05", "q": "~43 32 12 03 05 16 36 45|42 48", "r": "02 06|~04 12 32",
    "s": "~33 22 12 03 14 34 35 26 16 05", "t": "~20 25 36 45|02 42", "u": "~02 05 16 36 45|42 46", "v": "02 26 42",
    "w": "02 16 23 36 42", "x": "02 46|42 06", "y": "02 25|42 08", "z": "02 42 06 46",
}  # fmt: skip
LOOKALIKES = "OoQDIlijJZzSsBbqgGyYT"  # of 0, 1, 2, 5, 8, 6, 9, 4 and 7


def letter(draws: Draws, name: str) -> list[Stroke]:
    """Return a letter's strokes, capitals 1 high, as somebody writes it: no point is exactly where it should be."""
    lean, wide = draws.uniform(-0.1, 0.2), draws.uniform(0.8, 1.1)
    strokes = []
    for chain in LETTERS[name].split("|"):
        points = [(int(at[0]) + shift(draws), int(at[1]) + shift(draws)) for at in chain.removeprefix("~").split()]
        if chain.startswith("~"):
            points = smooth(points)
        strokes.append([(wide * x / 6 + lean * (6 - y) / 6, y / 6) for x, y in points])
    return strokes


def shift(draws: Draws) -> float:
    return draws.uniform(-0.22, 0.22)


def smooth(points: Stroke) -> Stroke:
    """Return a smooth curve with the same ends (G. Chaikin's corner cutting, 1974)."""
    for _ in range(3):
        cut = [points[0]]
        for (x, y), (u, v) in pairwise(points):
            cut += [(0.75 * x + 0.25 * u, 0.75 * y + 0.25 * v), (0.25 * x + 0.75 * u, 0.25 * y + 0.75 * v)]
        points = [*cut, points[-1]]
    return points
