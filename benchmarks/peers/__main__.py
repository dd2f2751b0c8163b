"""Train this project's networks and other recipes for MNIST on the same rows: benchmarks/peers.{json,md}.

Each fit is a separate process, on `threads` of params.yaml. Each round fits every recipe with one seed, so that a
machine that slows down slows all of them. Needs the prepared rows: `dvc repro preprocess`.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.machine import processor
from benchmarks.peers.recipes import RECIPES
from benchmarks.peers.table import Row, markdown
from checks.gate.official import MNIST
from stages.artifacts import arrays
from stages.artifacts.errors import PipelineError, run
from stages.config.params import DataParams, load_params

SEED_STEP = 100  # between rounds: the members of a network take seed, seed + 1, ... and must not overlap
LIBRARIES = {
    "numpy": "numpy",
    "tensorflow": "tensorflow",
    "keras": "keras",
    "sklearn": "scikit-learn",
    "torch": "torch",
}


def main() -> None:
    arguments = parse_arguments()
    params = load_params()
    check_data(params.data)
    threads = params.threads
    names = installed([name for name in RECIPES if name in (arguments.only or RECIPES)])  # teachers first
    total = sum(1 if name in arguments.once else arguments.seeds for name in names)
    results = {"machine": machine(threads), "threads": threads, "epochs": arguments.epochs, "rows": []}
    arguments.output.mkdir(parents=True, exist_ok=True)
    for number in range(arguments.seeds):
        with tempfile.TemporaryDirectory() as folder:
            for name in names if number == 0 else [name for name in names if name not in arguments.once]:
                row = fit(name, SEED_STEP * (number + 1), arguments.epochs, threads, folder)
                results["rows"].append(row)
                save(results, arguments.output)
                print(progress(results["rows"], total), flush=True)
    print(f"\n{markdown(results)}\nwritten to {arguments.output}/peers.json and peers.md")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--seeds", type=positive, default=3, metavar="N", help="rounds (default %(default)s)")
    parser.add_argument("--only", nargs="+", choices=RECIPES, metavar="NAME", help=f"some of {', '.join(RECIPES)}")
    parser.add_argument(
        "--once", nargs="+", choices=RECIPES, default=[], metavar="NAME", help="recipes to fit in the first round only"
    )
    parser.add_argument("--epochs", type=positive, metavar="N", help="of every fit, for a quick trial")
    parser.add_argument("-o", "--output", type=Path, default=Path("benchmarks"), metavar="DIR")
    return parser.parse_args()


def positive(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return int(text)


def check_data(data: DataParams) -> None:
    """Raise PipelineError if the prepared rows are missing or not MNIST's, which the table is about."""
    if data != MNIST:
        raise PipelineError(f"this benchmark is about MNIST: set data in params.yaml to {MNIST}")
    for subset in ("train", "validation", "test"):
        if not arrays.images_path(subset).is_file():
            raise PipelineError(f"{arrays.images_path(subset)} is missing: run dvc repro preprocess (or dvc pull)")


def installed(names: list[str]) -> list[str]:
    """Leave out the recipes whose library is missing, with a message."""
    missing = [name for name in names if find_spec(RECIPES[name].package) is None]
    for name in missing:
        print(f"{name}: skipped, {RECIPES[name].package} is not installed (benchmarks/requirements.txt)")
    return [name for name in names if name not in missing]


def fit(name: str, seed: int, epochs: int | None, threads: int, folder: str) -> Row:
    """Fit one recipe in a separate process; `seconds` are from its start to its end."""
    trial = [f"--epochs={epochs}"] if epochs else []
    started = time.perf_counter()
    printed = call("benchmarks.peers.fit", name, f"--seed={seed}", f"--folder={folder}", *trial, threads=threads)
    seconds = time.perf_counter() - started
    return {"name": name, "seed": seed, "seconds": seconds, **json.loads(printed.splitlines()[-1])}


def call(module: str, *arguments: str, threads: int) -> str:
    """Run a module of this project with NumPy's and PyTorch's threads limited; return what it printed."""
    limits = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], str(threads))
    command = [sys.executable, "-m", module, *arguments]
    finished = subprocess.run(command, env=os.environ | limits, text=True, capture_output=True)
    if finished.returncode:
        raise PipelineError(f"{' '.join(command[1:])} failed:\n{finished.stderr.strip()[-2000:]}")
    return finished.stdout


def progress(rows: list[Row], total: int) -> str:
    """Return the result of the last fit, and the time left if the others take as long as those so far."""
    last = rows[-1]
    minutes = sum(row["seconds"] for row in rows) / len(rows) * (total - len(rows)) / 60
    return (
        f"{last['name']}, seed {last['seed']}: {last['accuracy']:.2%}, fit {last['fit_seconds']:.1f} s, "
        f"process {last['seconds']:.1f} s; {total - len(rows)} of {total} fits left, about {minutes:.0f} min"
    )


def save(results: dict[str, Any], folder: Path) -> None:
    """Write the results so far, so that an interrupted run is not lost."""
    (folder / "peers.json").write_text(json.dumps(results, indent=1) + "\n")
    (folder / "peers.md").write_text(markdown(results), encoding="utf-8")


def machine(threads: int) -> str:
    """Return the processor and the versions, in one line."""
    versions = ", ".join(f"{library} {version(library)}" for module, library in LIBRARIES.items() if find_spec(module))
    return f"{processor()}, {threads} threads, {platform.system()}; Python {platform.python_version()}, {versions}"


if __name__ == "__main__":
    run(main)
