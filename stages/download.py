"""Stage `download`: the real MNIST as two CSVs in Kaggle's format.

train.csv is the first 42,000 images of MNIST's training set. test.csv is the 10,000 official test images, then the
remaining 18,000 training images, both with labels: no image is in both files. Never touches a user's own CSVs.
"""

from pathlib import Path

import numpy as np

from stages.artifacts import paths
from stages.artifacts.errors import run
from stages.artifacts.files import atomic_write
from stages.ingest import mnist
from stages.ingest.kaggle_csv import write_csv

TRAIN_ROWS = 42_000


def main() -> None:
    train, test = split_rows(mnist.fetch_arrays())
    write_csvs({paths.MNIST_TRAIN_CSV: train, paths.MNIST_TEST_CSV: test})
    print("MNIST by Y. LeCun, C. Cortes and C. Burges, licensed CC BY-SA 3.0")


def split_rows(idx: dict[str, np.ndarray]) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Split MNIST's arrays into ((pixels, labels) of train.csv, (pixels, labels) of test.csv)."""
    images, labels = idx[mnist.TRAIN_IMAGES], idx[mnist.TRAIN_LABELS]
    train = images[:TRAIN_ROWS], labels[:TRAIN_ROWS]
    test = (
        np.concatenate([idx[mnist.TEST_IMAGES], images[TRAIN_ROWS:]]),
        np.concatenate([idx[mnist.TEST_LABELS], labels[TRAIN_ROWS:]]),
    )
    return train, test


def write_csvs(tables: dict[Path, tuple[np.ndarray, np.ndarray]]) -> None:
    """Write each (pixels, labels) to its path, atomically."""
    for path, (pixels, labels) in tables.items():
        with atomic_write(path) as partial, partial.open("wb") as stream:
            write_csv(stream, pixels, labels)
        print(f"{path}: {len(pixels):,} rows")


if __name__ == "__main__":
    run(main, __doc__)
