"""The report of the data: metrics/data.json, the tables and pictures of plots/data/, and warnings."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from stages.artifacts.arrays import Subset
from stages.artifacts.images import CLASSES, SIDE
from stages.config.params import DataParams
from stages.data_report.tally import BINS, Tally

_PLACES = 5  # of the mean ink
_LISTED = 5  # lines in a warning
_CELL = 0.7  # inches, of an image: two dots per pixel
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.9, 0.1, 0.35, 0.3  # inches, around a grid of images
_FRAME = "#cccccc"

Tallies = Mapping[Subset, Tally]


def figures(tallies: Tallies, repeated: Mapping[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Return the figures of metrics/data.json by subset, given those rows of `train` that are repeated."""
    of_subsets: dict[str, dict[str, float]] = {
        subset: {"rows": tally.rows, "blank": tally.blank, "ink": round(tally.ink, _PLACES)}
        for subset, tally in tallies.items()
    }
    of_subsets["train"] |= {kind: len(rows) for kind, rows in repeated.items()}
    return of_subsets


def warnings(repeated: Mapping[str, np.ndarray], lines: np.ndarray, data: DataParams) -> Iterator[str]:
    """Yield a line for each kind of repeat that occurs, given the (n,) lines of all rows of `train`."""
    kinds = {
        "duplicates": "that repeat an earlier one",
        "in_validation": "that are also validation images, whose accuracy will be too high",
        "in_test": f"that are also in {data.test_csv}, whose accuracy will be too high",
    }
    for kind, rows in repeated.items():
        if len(rows):
            listed = ", ".join(map(str, lines[rows[:_LISTED]])) + (", ..." if len(rows) > _LISTED else "")
            yield f"{data.train_csv}: training images {kinds[kind]}: {len(rows):,} (line {listed})"


def class_counts(tallies: Tallies) -> pd.DataFrame:
    """Return a row for each digit, with its number of images in each subset; no number if labels are unknown."""
    table = pd.DataFrame({"digit": range(CLASSES)})
    for subset, tally in tallies.items():
        table[subset] = tally.images if tally.labelled else ""
    return table


def ink_histogram(tallies: Tallies) -> pd.DataFrame:
    """Return the middle of each bin of ink, up to the last that occurs, and the share of each subset's images in it."""
    shares = pd.DataFrame({subset: tally.ink_shares for subset, tally in tallies.items()})
    shares.insert(0, "ink", (np.arange(BINS) + 0.5) / BINS)
    return shares[: shares.index[shares[list(tallies)].any(axis=1)][-1] + 1]


def draw_means(tallies: Tallies) -> Figure:
    """Draw the mean image of each digit in each subset that has labels."""
    means = {subset: tally.mean_images for subset, tally in tallies.items() if tally.labelled}
    return _draw_grid("The mean image of each digit", np.array(list(means.values())), list(means))


def draw_samples(images: Sequence[np.ndarray]) -> Figure:
    """Draw a column for each digit, given its (n, 28, 28) images."""
    grid = np.zeros((max(map(len, images)), CLASSES, SIDE, SIDE))
    for digit, of_digit in enumerate(images):
        grid[: len(of_digit), digit] = of_digit
    return _draw_grid("Training images, drawn at random", grid)


def _draw_grid(title: str, images: np.ndarray, names: Sequence[str] = ()) -> Figure:
    """Draw (rows, 10, 28, 28) images in [0, 1], the digits below the columns and the names next to the rows."""
    rows, left = len(images), _LEFT if names else _RIGHT
    width, height = _CELL * CLASSES, _CELL * rows
    size = (left + width + _RIGHT, _BOTTOM + height + _TOP)
    figure = Figure(figsize=size)
    axis = figure.add_axes((left / size[0], _BOTTOM / size[1], width / size[0], height / size[1]))
    pixels = images.swapaxes(1, 2).reshape(rows * SIDE, CLASSES * SIDE)
    axis.imshow(pixels, cmap="gray_r", vmin=0, vmax=1, interpolation="none")
    axis.set_title(title)
    middles = np.arange(CLASSES) * SIDE + (SIDE - 1) / 2
    axis.set_xticks(middles, [str(digit) for digit in range(CLASSES)])
    axis.set_yticks(middles[: len(names)], names)
    axis.tick_params(length=0)
    axis.spines[:].set_color(_FRAME)
    return figure
