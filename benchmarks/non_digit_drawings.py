"""What benchmarks/non_digits.py shows to the networks: letters, scribbles and halves of digits, as ink on black."""

from collections import defaultdict
from string import ascii_letters

import numpy as np
from PIL import Image, ImageDraw

LIKE_DIGITS = "bBDgGiIjlOoqQsSzZ"  # letters that many people write like a digit

_SIDE = 140  # pixels
_EACH = 20  # pictures of a letter
_SCRIPT = (6, 7)  # of Hershey's fonts in OpenCV, those that look written; 0 to 5 look printed


def letters(random: np.random.RandomState) -> dict[str, list[np.ndarray]]:
    """Return (140, 140) uint8 ink of letters in Hershey's fonts, by kind. Raises ImportError without OpenCV."""
    import cv2

    inks = defaultdict(list)
    for character in ascii_letters * _EACH:
        ink = np.zeros((_SIDE, _SIDE), np.uint8)
        font, italic = random.randint(8), 16 * (random.uniform() < 0.3)
        cv2.putText(ink, character, (40, 90), int(font + italic), 2.2, 255, int(random.randint(4, 10)), cv2.LINE_AA)
        slanted = cv2.getRotationMatrix2D((_SIDE / 2, _SIDE / 2), random.uniform(-10, 10), 1)
        slanted[0, 1] += random.uniform(-0.2, 0.2)
        kind = "like" if character in LIKE_DIGITS else "written, unlike" if font in _SCRIPT else "printed, unlike"
        inks[f"letters {kind} digits"].append(cv2.warpAffine(ink, slanted, (_SIDE, _SIDE)))
    return dict(sorted(inks.items(), reverse=True))


def scribble(random: np.random.RandomState) -> np.ndarray:
    """Return (140, 140) uint8 ink of a smoothed random walk."""
    walk = np.cumsum(random.normal(0, 30, (random.randint(5, 12), 2)), axis=0)
    along = np.linspace(0, len(walk) - 1, 200)
    points = [np.interp(along, np.arange(len(walk)), walk[:, axis]) for axis in (0, 1)]
    smooth = np.stack([np.convolve(of_axis, np.ones(25) / 25, "valid") for of_axis in points], axis=1)
    smooth -= smooth.min(axis=0)
    paper = Image.new("L", (_SIDE, _SIDE))
    drawn = [(x, y) for x, y in (smooth * (110 / smooth.max()) + 15).tolist()]
    ImageDraw.Draw(paper).line(drawn, fill=255, width=int(random.randint(6, 14)), joint="curve")
    return np.asarray(paper)


def half(digit: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    """Return ink of the upper, lower, left or right half of a (28, 28) uint8 digit."""
    ink = enlarged(digit, 4)
    rows, columns = np.flatnonzero((ink > 60).any(axis=1)), np.flatnonzero((ink > 60).any(axis=0))
    middle, centre = (rows[0] + rows[-1]) // 2, (columns[0] + columns[-1]) // 2
    return [ink[:middle], ink[middle:], ink[:, :centre], ink[:, centre:]][random.randint(4)]


def enlarged(image: np.ndarray, times: int) -> np.ndarray:
    size = image.shape[1] * times, image.shape[0] * times
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))
