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
from stages.ingest.gate_params import parse_gate
from stages.ingest.kaggle_csv import PIXELS, Table, read_blocks
from stages.ingest.split import draw_validation_rows

OWN_TRAIN_CSV = Path("data/train.csv")
OWN_TEST_CSV = Path("data/test.csv")

_BLOCK = 256  # rows


def main() -> None:
    params = load_params()
    parse_gate(PARAMS_FILE.read_bytes(), str(PARAMS_FILE))  # only here: this stage is quick to run again
    warn_about_unused_files(params.data)
    counts = write_arrays(params.data, params.split.validation, params.seed)
    write_no_teacher()
    for subset, count in counts.items():
        print(f"{subset}: {count:,} images")


def warn_about_unused_files(data: DataParams) -> None:
    """Print how to use the CSVs that a user put into data/, if params.yaml still names the defaults."""
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

    The pixels of train.csv are in a temporary file until all labels, which decide the split, are known.
    """
    with arrays.writing() as writers, tempfile.TemporaryFile(dir=arrays.FOLDER) as spool:
        labels = read_train_csv(Path(data.train_csv), spool)
        is_validation = draw_validation_rows(labels, validation, seed)
        spool.seek(0)
        for start in range(0, len(labels), _BLOCK):
            block = slice(start, start + _BLOCK)
            pixels = np.frombuffer(spool.read(_BLOCK * PIXELS), np.uint8).reshape(-1, PIXELS)
            table = Table(pixels, labels[block])
            writers["train"].append(to_digits(table, ~is_validation[block]))
            writers["validation"].append(to_digits(table, is_validation[block]))
        for table in read_with_progress(Path(data.test_csv)):
            writers["test"].append(to_digits(table))
    return {subset: writer.count for subset, writer in writers.items()}


def write_no_teacher() -> None:
    """Write the file that `train` depends on if there is no teacher: DVC has no optional dependencies."""
    with atomic_write(paths.NO_TEACHER) as partial:
        partial.write_text("none\n")  # DVC warns about an empty file


def read_train_csv(path: Path, spool: BinaryIO) -> np.ndarray:
    """Return the (n,) uint8 labels, and write the pixels of all rows to `spool`, one byte each.

    Raises PipelineError if the rows have no labels, or if one of the ten digits is missing.
    """
    labels = bytearray()
    for table in read_with_progress(path):
        if table.labels is None:
            raise PipelineError(
                f"{path}, line 1, column 1: expected the header 'label', found 'pixel0': a CSV without labels is a "
                "test.csv; set data.train_csv in params.yaml to a CSV with labels"
            )
        labels += table.labels.tobytes()
        spool.write(table.pixels.tobytes())
    missing = sorted(set(range(CLASSES)) - set(labels))
    if missing:
        raise PipelineError(f"{path}: no row has the label {', '.join(map(str, missing))}; each of 0 to 9 needs rows")
    return np.frombuffer(labels, np.uint8)


def read_with_progress(path: Path) -> Iterator[Table]:
    """Yield the blocks of a CSV, with a progress bar on a terminal."""
    with tqdm(desc=str(path), unit=" rows", unit_scale=True, disable=None) as progress:
        for table in read_blocks(path):
            yield table
            progress.update(len(table.pixels))


def to_digits(table: Table, rows: np.ndarray | slice = slice(None)) -> Digits:
    """Return the chosen rows as network input; if there are no labels, (0,) labels."""
    labels = np.empty(0, np.uint8) if table.labels is None else table.labels[rows]
    return Digits(normalise(table.pixels[rows]), labels)


if __name__ == "__main__":
    run(main, __doc__)
