"""Stage `preprocess`: CSVs to normalised arrays, a stratified train/validation split, and a report of the data.

Reads the CSVs that params.yaml names, block by block, and never writes to them.
"""

import stages.config.environment  # noqa: F401

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, get_args

import numpy as np
from tqdm import tqdm

from stages.artifacts import arrays, image_ids, paths
from stages.artifacts.arrays import Digits, Subset, Writer
from stages.artifacts.errors import PipelineError, run
from stages.artifacts.files import atomic_write
from stages.artifacts.images import CLASSES, normalise
from stages.config.params import PARAMS_FILE, DataParams, load_params
from stages.data_report.tally import Tally, repeated_rows, sample_rows
from stages.ingest.dialects import PIXELS
from stages.ingest.gate_params import parse_gate
from stages.ingest.kaggle_csv import CsvReader, Table
from stages.ingest.split import draw_validation_rows

OWN_TRAIN_CSV = Path("data/train.csv")
OWN_TEST_CSV = Path("data/test.csv")

_BLOCK = 256  # rows
_SAMPLES = 10  # images of each digit


def main() -> None:
    params = load_params()
    parse_gate(PARAMS_FILE.read_bytes(), str(PARAMS_FILE))  # only here: this stage is quick to run again
    warn_about_unused_files(params.data)
    tallies = write_arrays(params.data, params.split.validation, params.seed)
    write_no_teacher()
    write_report(tallies, params.data)
    for subset, tally in tallies.items():
        print(f"{subset}: {tally.rows:,} images")


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


def write_arrays(data: DataParams, validation: float, seed: int) -> dict[Subset, Tally]:
    """Write the arrays of all subsets and the ids of the test images, or none. Return the counts of each subset.

    The pixels of train.csv are in a temporary file until all labels, which decide the split, are known.
    """
    tallies = {subset: Tally() for subset in get_args(Subset)}
    train, test = CsvReader(Path(data.train_csv)), CsvReader(Path(data.test_csv))
    with (
        image_ids.writing(test.layout.id_name) as ids,
        arrays.writing() as writers,
        tempfile.TemporaryFile(dir=arrays.FOLDER) as spool,
    ):
        labels = read_train_csv(train, spool)
        is_validation = draw_validation_rows(labels, validation, seed)
        spool.seek(0)
        for start in range(0, len(labels), _BLOCK):
            block = slice(start, start + _BLOCK)
            pixels = np.frombuffer(spool.read(_BLOCK * PIXELS), np.uint8).reshape(-1, PIXELS)
            lines = train.layout.first_row + start + np.arange(len(pixels))
            parts: dict[Subset, np.ndarray] = {"train": ~is_validation[block], "validation": is_validation[block]}
            for subset, rows in parts.items():
                append(writers[subset], tallies[subset], Table(pixels[rows], labels[block][rows]), lines[rows])
        for table, block_ids in read_with_progress(test):
            lines = test.layout.first_row + tallies["test"].rows + np.arange(len(table.pixels))
            append(writers["test"], tallies["test"], table, lines)
            ids.append(len(table.pixels), block_ids)
    return tallies


def append(writer: Writer, tally: Tally, table: Table, lines: np.ndarray) -> None:
    """Append rows to a subset, as network input, and count them. lines: (n,) int64, of these rows in their CSV."""
    labels = np.empty(0, np.uint8) if table.labels is None else table.labels
    writer.append(Digits(normalise(table.pixels), labels), lines)
    tally.add(table.pixels, labels)


def write_report(tallies: dict[Subset, Tally], data: DataParams) -> None:
    """Write metrics/data.json and plots/data/, and print a warning for each kind of repeated images."""
    from stages.artifacts import results  # here, as both take a second to import: no error in a CSV waits for them
    from stages.data_report import report

    repeated, train = repeated_rows(tallies), arrays.load("train")
    samples = [train.images[rows] for rows in sample_rows(tallies["train"].hashes, train.labels, _SAMPLES)]
    results.save_metrics(paths.DATA_METRICS, report.figures(tallies, repeated))
    results.save_table(paths.DATA_PLOTS / "classes.csv", report.class_counts(tallies))
    results.save_table(paths.DATA_PLOTS / "ink.csv", report.ink_histogram(tallies))
    results.save_figure(paths.DATA_PLOTS / "means.png", report.draw_means(tallies))
    results.save_figure(paths.DATA_PLOTS / "samples.png", report.draw_samples(samples))
    for warning in report.warnings(repeated, arrays.load_lines("train"), data):
        print(f"warning: {warning}", file=sys.stderr)


def write_no_teacher() -> None:
    """Write the file that `train` depends on if there is no teacher: DVC has no optional dependencies."""
    with atomic_write(paths.NO_TEACHER) as partial:
        partial.write_text("none\n")  # DVC warns about an empty file


def read_train_csv(csv: CsvReader, spool: BinaryIO) -> np.ndarray:
    """Return the (n,) uint8 labels, and write the pixels of all rows to `spool`, one byte each.

    Raises PipelineError if the rows have no labels, or if one of the ten digits is missing.
    """
    labels = bytearray()
    for table, _ in read_with_progress(csv):
        if table.labels is None:
            raise PipelineError(
                f"{csv.path}, line 1: expected a column 'label', found none: a CSV without labels is a test.csv; set "
                "data.train_csv in params.yaml to a CSV with labels"
            )
        labels += table.labels.tobytes()
        spool.write(table.pixels.tobytes())
    missing = sorted(set(range(CLASSES)) - set(labels))
    if missing:
        raise PipelineError(
            f"{csv.path}: no row has the label {', '.join(map(str, missing))}; each of 0 to 9 needs rows"
        )
    return np.frombuffer(labels, np.uint8)


def read_with_progress(csv: CsvReader) -> Iterator[tuple[Table, list[str] | None]]:
    """Yield the blocks of a CSV, with a progress bar on a terminal, and print how it was read."""
    with tqdm(desc=str(csv.path), unit=" rows", unit_scale=True, disable=None) as progress:
        for table, ids in csv.blocks():
            yield table, ids
            progress.update(len(table.pixels))
    print(csv.summary())


if __name__ == "__main__":
    run(main, __doc__)
