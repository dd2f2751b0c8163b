"""What the pipeline costs if there is nothing to do: `dvc repro` without a change, and the import of each stage.

As ratios of commands that alternate. Needs a workspace that is up to date: `dvc repro`.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from stages.artifacts.errors import PipelineError, run

STAGES = ("download", "preprocess", "train", "evaluate", "submit")
DVC = [sys.executable, "-m", "dvc"]


def main() -> None:
    rounds = parse_arguments()
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder)
        make_empty_repository(empty)
        if "up to date" not in call([*DVC, "repro"], here):
            raise PipelineError("dvc repro had work to do: run this again")
        status, repro = compare([([*DVC, "status"], empty), ([*DVC, "repro"], here)], rounds)
    print(f"dvc repro with nothing to do: {repro:.2f} s, {repro / status:.2f} x dvc status in an empty repository")
    imports = [([sys.executable, "-c", code], here) for code in ("pass", *(f"import stages.{name}" for name in STAGES))]
    nothing, *times = compare(imports, rounds)
    for name, seconds in zip(STAGES, times, strict=True):
        print(f"import stages.{name}: {seconds:.2f} s, {seconds / nothing:.0f} x the start of Python")


def parse_arguments() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overhead", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, metavar="N", help="default: %(default)s")
    return parser.parse_args().rounds


def make_empty_repository(folder: Path) -> None:
    call(["git", "init", "--quiet"], folder)
    call([*DVC, "init", "--quiet"], folder)
    for option in ("analytics", "check_update"):
        call([*DVC, "config", f"core.{option}", "false"], folder)


def compare(commands: list[tuple[list[str], Path]], rounds: int) -> list[float]:
    """Return the median seconds of each command, run alternately in their folders."""
    seconds: list[list[float]] = [[] for _ in commands]
    for _ in range(rounds):
        for taken, (command, folder) in zip(seconds, commands, strict=True):
            started = time.perf_counter()
            call(command, folder)
            taken.append(time.perf_counter() - started)
    return [statistics.median(taken) for taken in seconds]


def call(command: list[str], folder: Path) -> str:
    finished = subprocess.run(command, cwd=folder, text=True, capture_output=True)
    if finished.returncode:
        raise PipelineError(f"{' '.join(command)} failed:\n{finished.stderr[-2000:]}")
    return finished.stdout


if __name__ == "__main__":
    run(main)
