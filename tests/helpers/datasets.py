"""Real digits that need no network, and CSVs and prepared arrays of them."""

from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from stages.artifacts import arrays
from stages.artifacts.arrays import Digits, Subset
from stages.ingest.kaggle_csv import Table, read_blocks, write_csv


def enlarged_digits() -> Table:
    """Return the 1,797 handwritten digits that scikit-learn ships, 8x8 in 0-16, enlarged to 20x20 within 28x28."""
    source = load_digits()
    images = np.zeros((len(source.images), 28, 28), np.uint8)
    for image, small in zip(images, source.images, strict=True):
        ink = Image.fromarray((small * 255 / 16).astype(np.uint8))
        image[4:24, 4:24] = ink.resize((20, 20), Image.Resampling.BILINEAR)
    return Table(images.reshape(-1, 784), source.target.astype(np.uint8))


def rows(table: Table, start: int, stop: int) -> Table:
    """Return some rows of a labelled table."""
    return Table(table.pixels[start:stop], table.labels[start:stop])


def save_csv(path: Path, table: Table) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_csv(stream, table.pixels, table.labels)
    return path


def read_csv(path: Path) -> Table:
    """Return all rows of a CSV."""
    blocks = list(read_blocks(path))
    labels = None if blocks[0].labels is None else np.concatenate([block.labels for block in blocks])
    return Table(np.concatenate([block.pixels for block in blocks]), labels)


def save_prepared(subsets: dict[Subset, Digits]) -> None:
    """Write the arrays of all subsets into the current folder's data/prepared; the subsets not given are empty."""
    with arrays.writing() as writers:
        for subset, digits in subsets.items():
            writers[subset].append(digits, np.arange(len(digits.images)))
