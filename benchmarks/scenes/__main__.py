"""How the app reads photos, scans and drawings of many kinds, made up from MNIST's test digits: of the app's
public path, from a file's bytes to a number.

Prints a table of each kind: pictures read right, refused, read wrong, and wrong at a probability of 90 % or more.
"""

import argparse
from pathlib import Path
from typing import get_args

import cv2
import joblib
from tqdm import tqdm

from app.reading.reader import load_reader
from benchmarks.scenes.draws import Half, read_rows
from benchmarks.scenes.gallery import save
from benchmarks.scenes.kinds import KINDS
from benchmarks.scenes.scoring import Score, paint_all, score
from benchmarks.scenes.table import report
from stages.artifacts.errors import run
from stages.artifacts.files import atomic_write
from stages.artifacts.paths import ModelName


def main() -> None:
    arguments = parse_arguments()
    if arguments.save:
        rows = read_rows(arguments.half)
        for kind in tqdm([KINDS[name] for name in arguments.kinds], unit="kind"):
            save(kind, list(paint_all(kind, arguments.half, rows, arguments.count)), arguments.save)
        return
    read_kind = joblib.delayed(score_of)
    jobs = (read_kind(name, arguments.half, arguments.count, arguments.model) for name in arguments.kinds)
    found = joblib.Parallel(n_jobs=-1, return_as="generator")(jobs)
    scores = dict(zip(arguments.kinds, tqdm(found, total=len(arguments.kinds), unit="kind", disable=None), strict=True))
    command = f"python -m benchmarks.scenes --half {arguments.half} --count {arguments.count} --model {arguments.model}"
    page = report(scores, command)
    print(page)
    if arguments.output:
        with atomic_write(arguments.output) as partial:
            partial.write_text(page + "\n", encoding="utf-8")


def score_of(name: str, half: Half, count: int, model: ModelName) -> Score:
    """Return the score of one kind, in a process of its own with one thread."""
    cv2.setNumThreads(1)
    return score(paint_all(KINDS[name], half, read_rows(half), count), load_reader(model))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.scenes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", choices=get_args(Half), default="report", help="default: report")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS), metavar="NAME")
    parser.add_argument("--count", type=int, default=40, metavar="N", help="pictures of each kind (default 40)")
    parser.add_argument("--model", choices=get_args(ModelName), default="cnn", help="default: cnn")
    parser.add_argument("--save", type=Path, metavar="DIR", help="write the pictures there, and read none")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the table there, too")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
