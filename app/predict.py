"""Which number is in a picture? Prints one line per picture: path, number and probability, separated by tabs.

Finds the digits in a photo, a scan or a drawing, and reads them from left to right; lines of digits come from top to
bottom, with a blank between them. Reads PNG, JPEG, HEIC, WebP, TIFF and whatever else Pillow does, PDF, and `-` from
standard input. The pages of a PDF or a TIFF are FILE#page=1 and so on. A picture without a number, or of which the
network is not sure, gets an error line, and the others are read all the same. Imports neither TensorFlow nor DVC.
"""

import argparse
import glob
import io
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, NamedTuple, get_args

from tqdm import tqdm

from app.reading.pictures import read_pages, silence_pillow
from app.reading.reader import Reader, Reading, load_reader
from stages.artifacts.errors import PipelineError, run
from stages.artifacts.paths import ModelName

STANDARD_INPUT = "-"
_BAR = 100  # files: so many take long enough for a progress bar


class Page(NamedTuple):
    """One page of a file: what was read on it, or why nothing was."""

    path: str
    reading: Reading | None
    error: str | None


def main() -> int:
    arguments = parse_arguments()
    silence_pillow()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a path may hold what the terminal's encoding does not
    return print_numbers(arguments, load_reader(arguments.model))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m app.predict",
        description=__doc__,
        epilog="exit status: 0 every picture was read; 1 some were not (why, in a line each on stderr)",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="a file, a pattern such as 'scans/*.png', or -")
    parser.add_argument("--model", choices=get_args(ModelName), default="cnn", help="default: cnn")
    parser.add_argument("--single", action="store_true", help="refuse a picture that does not hold one digit alone")
    parser.add_argument(
        "--top", type=int, choices=range(1, 11), default=1, metavar="K", help="the K most likely numbers"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON list, with the box of each digit")
    return parser.parse_args()


def print_numbers(arguments: argparse.Namespace, reader: Reader) -> int:
    """Read and print all pictures in order, several at a time; return the exit status."""
    files = expand(arguments.images)
    trees, failed = [], False
    with (
        ThreadPoolExecutor(os.cpu_count()) as pool,
        tqdm(total=len(files), unit="file", disable=len(files) < _BAR or not sys.stderr.isatty()) as progress,
    ):
        for pages in in_order(pool, files, reader, arguments.single):
            for page in pages:
                if page.reading is None:
                    failed = True
                    tqdm.write(f"error: {page.path}: {page.error}", file=sys.stderr)
                elif arguments.json:
                    trees.append(as_tree(page.path, page.reading, arguments.top))
                else:
                    tqdm.write(as_line(page.path, page.reading, arguments.top), file=sys.stdout)
            progress.update()
    if arguments.json:
        print(json.dumps(trees, indent=2))
    return 1 if failed else 0


def in_order(pool: ThreadPoolExecutor, files: list[str], reader: Reader, single: bool) -> Iterator[list[Page]]:
    """Yield the pages of each file, in the order of the files, a few of which are read ahead."""
    waiting = iter(files)
    ahead = [pool.submit(read, file, reader, single) for file in islice(waiting, 4 * (os.cpu_count() or 1))]
    while ahead:
        yield ahead.pop(0).result()
        ahead += [pool.submit(read, file, reader, single) for file in islice(waiting, 1)]


def expand(images: list[str]) -> list[str]:
    """Expand patterns, if the shell did not; one that matches nothing stays, and is then a missing file."""
    return [path for image in images for path in (not os.path.exists(image) and sorted(glob.glob(image))) or [image]]


def read(file: str, reader: Reader, single: bool) -> list[Page]:
    """Read all pages of a file."""
    pages: list[Page] = []
    try:
        for picture in read_pages(io.BytesIO(sys.stdin.buffer.read()) if file == STANDARD_INPUT else file):
            try:
                pages.append(Page(file, reader.read(picture).require_sure(single), None))
            except PipelineError as error:
                pages.append(Page(file, None, str(error)))
    except PipelineError as error:
        pages.append(Page(file, None, str(error)))
    if len(pages) > 1:
        pages = [page._replace(path=f"{file}#page={i}") for i, page in enumerate(pages, start=1)]
    return pages


def as_line(path: str, reading: Reading, top: int) -> str:
    pairs = (f"{number}\t{probability:.4f}" for number, probability in reading.most_likely(top))
    return "\t".join([path, *pairs])


def as_tree(path: str, reading: Reading, top: int) -> dict[str, Any]:
    digits = [
        {"digit": digit.digit, "probability": round(digit.probability, 6), "box": list(digit.box)}
        for digit in reading.digits
    ]
    tree: dict[str, Any] = {"path": path, "number": reading.number}
    likely = [{"number": number, "probability": round(value, 6)} for number, value in reading.most_likely(top)]
    if len(digits) == 1:
        tree["digit"] = digits[0]["digit"]
        likely = [{"digit": int(str(one["number"])), **one} for one in likely]
    return {**tree, "probability": round(reading.probability, 6), "top": likely, "digits": digits}


if __name__ == "__main__":
    run(main)
