"""Stage `preprocess`: CSVs to normalised arrays and a stratified train/validation split.

Reads the CSVs that params.yaml names, block by block, and never writes to them.
"""

import stages.config.environment  # noqa: F401

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from tqdm import tqdm

from stages.artifacts import arrays, paths
from stages.artifacts.arrays import Digits, Subset
from stages.artifacts.errors import PipelineError, run
from stages.artifacts.files import atomic_write
from stages.artifacts.images import CLASSES, normalise
from stages.config.params import PARAMS_FILE, DataParams, load_params
from stages.ingest.gate_params import check_gate
from stages.ingest.kaggle_csv import PIXELS, Table, read_blocks
from stages.ingest.split import draw_validation_rows, take_in_order

OWN_TRAIN_CSV = Path("data/train.csv")
OWN_TEST_CSV = Path("data/test.csv")

_BLOCK = 256  # rows


def main() -> None:
    params = load_params()
    check_gate(PARAMS_FILE)  # here alone: a stage that is quickly run again
    warn_of_unused_files(params.data)
    counts = write_arrays(params.data, params.split.validation, params.seed)
    write_no_teacher()
    for subset, count in counts.items():
        print(f"{subset}: {count:,} images")


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


def write_arrays(data: DataParams, validation: float, seed: int) -> dict[Subset, int]:
    """Write the arrays of all subsets, or none of them. Return the number of images in each.

    The rows of train.csv wait in a nameless file until all labels are counted, by which they are split.
    """
    with arrays.writing() as writers, tempfile.TemporaryFile(dir=arrays.FOLDER) as rows:
        held_out = draw_validation_rows(read_train_csv(Path(data.train_csv), rows), validation, seed)
        seen = np.zeros(CLASSES, int)
        for table in _reread(rows):
            is_validation = take_in_order(held_out, seen, table.labels)
            writers["train"].append(to_digits(table, ~is_validation))
            writers["validation"].append(to_digits(table, is_validation))
        for table in read_with_progress(Path(data.test_csv)):
            writers["test"].append(to_digits(table))
    return {subset: writer.count for subset, writer in writers.items()}


def write_no_teacher() -> None:
    """Write what `train` depends on in place of a teacher's model: DVC knows no dependency that may be missing."""
    with atomic_write(paths.NO_TEACHER) as partial:
        partial.write_text("none\n")  # as DVC warns of an empty file


def read_train_csv(path: Path, rows: BinaryIO) -> np.ndarray:
    """Return how many rows each digit has, (10,) integers, and write all rows to `rows`: label and pixels, a byte each.

    Raises PipelineError where the rows lack labels, or one of the ten digits.
    """
    counts = np.zeros(CLASSES, int)
    for table in read_with_progress(path):
        if table.labels is None:
            raise PipelineError(
                f"{path}, line 1, column 1: expected the header 'label', found 'pixel0': a CSV without labels is a "
                "test.csv; name one with labels in data.train_csv of params.yaml"
            )
        counts += np.bincount(table.labels, minlength=CLASSES)
        rows.write(np.column_stack([table.labels, table.pixels]))
    missing = np.flatnonzero(counts == 0)
    if missing.size:
        raise PipelineError(f"{path}: no row has the label {', '.join(map(str, missing))}; each of 0 to 9 needs rows")
    return counts


def read_with_progress(path: Path) -> Iterator[Table]:
    """Yield the blocks of a CSV, and count their rows on a terminal."""
    with tqdm(desc=str(path), unit=" rows", unit_scale=True, disable=None) as progress:
        for table in read_blocks(path):
            yield table
            progress.update(len(table.pixels))


def to_digits(table: Table, rows: np.ndarray | slice = slice(None)) -> Digits:
    """Return the chosen rows as network input; no labels stay none."""
    labels = np.empty(0, np.uint8) if table.labels is None else table.labels[rows]
    return Digits(normalise(table.pixels[rows]), labels)


def _reread(rows: BinaryIO) -> Iterator[Table]:
    """Yield what `read_train_csv` wrote, block by block."""
    rows.seek(0)
    while block := rows.read(_BLOCK * (1 + PIXELS)):
        table = np.frombuffer(block, np.uint8).reshape(-1, 1 + PIXELS)
        yield Table(table[:, 1:], table[:, 0])


if __name__ == "__main__":
    run(main, __doc__)
