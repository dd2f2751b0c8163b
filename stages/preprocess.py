"""Stage `preprocess`: CSVs to normalised arrays and a stratified train/validation split.

Reads the CSVs that params.yaml names and never writes to them.
"""

import sys
from pathlib import Path

import numpy as np

from stages import paths, prepared
from stages.errors import PipelineError, run
from stages.images import CLASSES, normalise
from stages.kaggle_csv import Table, read_csv
from stages.params import DataParams, load_params
from stages.prepared import Digits

OWN_TRAIN_CSV = Path("data/train.csv")
OWN_TEST_CSV = Path("data/test.csv")


def main() -> None:
    params = load_params()
    warn_of_unused_files(params.data)
    train = read_train_csv(Path(params.data.train_csv))
    test = read_csv(Path(params.data.test_csv))
    train_rows, validation_rows = split_rows(train.labels, params.split.validation, params.seed)
    save("train", Table(train.pixels[train_rows], train.labels[train_rows]))
    save("validation", Table(train.pixels[validation_rows], train.labels[validation_rows]))
    save("test", test)


def warn_of_unused_files(data: DataParams) -> None:
    """Say how to use the CSVs that a user put into data/, if the params still name the default."""
    pairs = [
        ("train_csv", data.train_csv, paths.MNIST_TRAIN_CSV, OWN_TRAIN_CSV),
        ("test_csv", data.test_csv, paths.MNIST_TEST_CSV, OWN_TEST_CSV),
    ]
    for key, used, default, own in pairs:
        if Path(used) == default and own.exists():
            print(
                f"warning: {own} is not used, as data.{key} in params.yaml is {used}.\n"
                f"  To use it, run: dvc add {own}    and set data.{key} to {own}",
                file=sys.stderr,
            )


def read_train_csv(path: Path) -> Table:
    """Read the training rows. Raises PipelineError where they lack labels, or one of the ten digits."""
    table = read_csv(path)
    if table.labels is None:
        raise PipelineError(f"{path}, line 1, column 1: expected the header 'label', found 'pixel0'; is it a test.csv?")
    missing = np.setdiff1d(np.arange(CLASSES), table.labels)
    if missing.size:
        raise PipelineError(f"{path}: no row has the label {', '.join(map(str, missing))}; each digit needs rows")
    return table


def split_rows(labels: np.ndarray, validation: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split row numbers into (train, validation), both sorted, each digit with the same share in both.

    Raises PipelineError where a digit has too few rows for that.
    """
    from sklearn.model_selection import train_test_split  # here, as it takes a second to import

    try:
        rows = train_test_split(np.arange(len(labels)), test_size=validation, stratify=labels, random_state=seed)
    except ValueError as error:
        raise PipelineError(f"{len(labels)} rows cannot be split with split.validation {validation}: {error}") from None
    train, validation_rows = map(np.sort, rows)
    return train, validation_rows


def save(subset: prepared.Subset, table: Table) -> None:
    labels = np.empty(0, np.uint8) if table.labels is None else table.labels
    prepared.save(subset, Digits(normalise(table.pixels), labels))
    print(f"{subset}: {len(table.pixels):,} images" + ("" if labels.size else ", no labels"))


if __name__ == "__main__":
    run(main)
