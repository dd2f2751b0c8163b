"""How the app reads photos, scans and drawings of many kinds, made up from MNIST's test digits: of the app's
public path, from a file's bytes to a number.

Prints a table of each kind: pictures read right, refused, read wrong, and wrong at a probability of 90 % or more.
"""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from tqdm import tqdm

from app.reading.reader import load_reader
from benchmarks.scenes.draws import Half, read_rows
from benchmarks.scenes.gallery import save
from benchmarks.scenes.kinds import KINDS
from benchmarks.scenes.scoring import Scene, Score, paint_all, score
from benchmarks.scenes.table import report
from stages.artifacts.errors import run
from stages.artifacts.files import atomic_write
from stages.artifacts.paths import ModelName


def main() -> None:
    arguments = parse_arguments()
    rows = read_rows(arguments.half)
    kinds = [KINDS[name] for name in arguments.kinds]
    if arguments.save:
        for kind in tqdm(kinds, unit="kind"):
            save(kind, list(paint_all(kind, arguments.half, rows, arguments.count)), arguments.save)
        return
    reader = load_reader(arguments.model, threads=os.cpu_count() or 1)
    scores: dict[str, Score] = {}
    with tqdm(total=len(kinds) * arguments.count, unit="picture", disable=None) as progress:
        for kind in kinds:
            scenes = paint_all(kind, arguments.half, rows, arguments.count)
            scores[kind.name] = score(counted(scenes, progress), reader)
    command = f"python -m benchmarks.scenes --half {arguments.half} --count {arguments.count} --model {arguments.model}"
    page = report(scores, command)
    print(page)
    if arguments.output:
        with atomic_write(arguments.output) as partial:
            partial.write_text(page + "\n", encoding="utf-8")


def counted(scenes: Iterator[Scene], progress: tqdm) -> Iterator[Scene]:
    for scene in scenes:
        yield scene
        progress.update()


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
