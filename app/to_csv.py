"""Images and data sets to a CSV that the pipeline trains on or predicts.

A SOURCE is one of these; rows come in the order of the sources, and from a folder sorted by path:
  a folder of images, in folders named by their label: digits/7/scan1.png
  an image or a PDF with one digit on each page, of any size, colour and lighting; its label is the name of its folder
  an IDX file of images, plain or gzipped; its labels are the next SOURCE, or the file next to it named as MNIST's is
  an NPZ file with images and labels, or with x_train and y_train, x_test and y_test as Keras' mnist.npz
  a Parquet file with the columns image and label, as Hugging Face's MNIST (needs pyarrow)

An image that cannot be read gets an error line and is left out. Imports neither TensorFlow nor DVC.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from app import sources
from app.data_files import Options
from app.reading.pictures import silence_pillow
from stages.artifacts.errors import PipelineError, run
from stages.artifacts.files import atomic_write
from stages.ingest.kaggle_csv import Table, read_blocks, write_header, write_rows

_EPILOG = """\
examples:
  python -m app.to_csv digits -o data/train.csv
  python -m app.to_csv digits --with data/mnist/train.csv -o data/train.csv
  python -m app.to_csv scans/*.png --unlabelled -o data/test.csv
  python -m app.to_csv mnist.npz --split train -o data/train.csv

exit status: 0 the CSV has every image; 1 some are left out, or there is no CSV (why, in a line each on stderr)"""


def main() -> int:
    arguments = parse_arguments()
    silence_pillow()
    for path in arguments.first:
        if not path.is_file():
            raise PipelineError(f"{path}: no such file (the pipeline makes MNIST's: dvc repro download)")
    files = sources.find_files(arguments.sources)
    refuse_to_overwrite(arguments.output, [*files, *arguments.first], arguments.force)
    left_out = []

    def report(place: str, error: PipelineError) -> None:
        left_out.append(place)
        tqdm.write(f"error: {place}: {error}", file=sys.stderr)

    options = Options(not arguments.unlabelled, arguments.split, report)
    rows = write(arguments.output, read_all(arguments.first, files, options), options.labelled)
    print(f"{arguments.output}: {rows:,} rows")
    if left_out:
        print(f"left out: {len(left_out):,}, which are not readable pictures of one digit", file=sys.stderr)
    return 1 if left_out else 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m app.to_csv",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sources", nargs="+", type=Path, metavar="SOURCE", help="see above")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="CSV", help="the file to write")
    parser.add_argument(
        "--with", dest="first", type=Path, metavar="CSV", action="append", default=[], help="its rows come first"
    )
    parser.add_argument("--unlabelled", action="store_true", help="write no labels, and need none")
    parser.add_argument("--split", choices=["train", "test"], help="of an NPZ file that has both")
    parser.add_argument("--force", action="store_true", help="replace the output if it exists")
    return parser.parse_args()


def refuse_to_overwrite(output: Path, files: list[Path], force: bool) -> None:
    """Raise PipelineError if the output is one of the files that are read, or exists and may not be replaced."""
    if output.is_dir():
        raise PipelineError(f"{output} is a folder: name a file in it")
    if not output.exists():
        return
    if any(file.exists() and file.samefile(output) for file in files):
        raise PipelineError(f"{output} is one of the files to read: name another output")
    if not force:
        raise PipelineError(f"{output} exists: name another output, or add --force to replace it")


def read_all(csvs: list[Path], files: list[Path], options: Options) -> Iterator[Table]:
    """Yield the rows of the CSVs, then of all other files, labelled as the options say."""
    for path in csvs:
        for table in tqdm(read_blocks(path), desc=path.name, unit=" blocks", disable=None):
            if options.labelled and table.labels is None:
                raise PipelineError(f"{path} has no labels: add --unlabelled, or name a CSV with labels")
            yield table if options.labelled else Table(table.pixels, None)
    yield from sources.read(files, options)


def write(output: Path, tables: Iterator[Table], labelled: bool) -> int:
    """Write the rows block by block, atomically; return their number. Raises PipelineError if there are none."""
    rows = 0
    with atomic_write(output) as partial, partial.open("wb") as stream:
        write_header(stream, labelled)
        for table in tables:
            write_rows(stream, table.pixels, table.labels)
            rows += len(table.pixels)
        if not rows:
            raise PipelineError("no rows: the sources have no readable images, IDX, NPZ or Parquet files")
    return rows


if __name__ == "__main__":
    run(main)
