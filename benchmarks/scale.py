"""Time and peak memory of each stage on once, ten and fifty times the data: benchmarks/scale.md.

Repeats the rows of MNIST's CSVs in a scratch folder and runs the stages there, each in a separate process; trains the
mlp for two epochs, without a teacher. Needs `dvc repro download`, Linux, and 0.4 GB of disk for each time the data.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import yaml

from benchmarks.changed_params import changed_params
from checks.markdown import table
from stages.artifacts import paths
from stages.artifacts.errors import PipelineError, run
from stages.config.params import PARAMS_FILE

# This process imports no NumPy: the memory of a child's parent is the least peak that Linux reports for the child.

STAGES = {
    "preprocess": ["-m", "stages.preprocess"],
    "train mlp, two epochs": ["-m", "stages.train", "mlp"],
    "evaluate mlp": ["-m", "stages.evaluate", "mlp"],
    "submit": ["-m", "stages.submit"],
}
CSVS = (paths.MNIST_TRAIN_CSV, paths.MNIST_TEST_CSV)
ROWS = 70_000  # of both
_DISK = 400_000_000  # bytes for each time the data
_PAUSE = 0.01  # seconds between two readings of a process's memory


class Cost(NamedTuple):
    """What a process used."""

    seconds: float
    peak: int  # bytes that were resident, pages of mapped files included
    own: int  # bytes without these pages, which the system may drop at any time


def main() -> None:
    arguments = parse_arguments()
    for path in CSVS:
        if not path.is_file():
            raise PipelineError(f"{path} is missing: run dvc repro download")
    costs = {}
    for factor in arguments.factors:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            costs[factor] = measure_stages(factor, Path(folder))
    report = markdown(costs)
    print(f"\n{report}")
    (arguments.output / "scale.md").write_text(report, encoding="utf-8")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("factors", type=int, nargs="*", default=[1, 10, 50], metavar="N", help="default: 1 10 50")
    parser.add_argument("--folder", type=Path, help="where to make the scratch folder (default: the system's)")
    parser.add_argument("-o", "--output", type=Path, default=Path("benchmarks"), metavar="DIR")
    return parser.parse_args()


def measure_stages(factor: int, folder: Path) -> dict[str, Cost]:
    """Run every stage on `factor` times the data in an empty folder."""
    if shutil.disk_usage(folder).free < factor * _DISK:
        raise PipelineError(f"{folder} is on a disk with less than {factor * _DISK:,} bytes free: set --folder")
    for path in CSVS:
        repeat_rows(path, folder / path, factor)
    save_params(folder)
    costs = {}
    for stage, command in STAGES.items():
        costs[stage] = measure(command, folder)
        print(f"{factor} x the data, {stage}: {costs[stage].seconds:.1f} s, {_mb(costs[stage].peak)}", flush=True)
    return costs


def repeat_rows(source: Path, target: Path, factor: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as rows, target.open("wb") as stream:
        stream.write(rows.readline())
        start = rows.tell()
        for _ in range(factor):
            rows.seek(start)
            shutil.copyfileobj(rows, stream)


def save_params(folder: Path) -> None:
    changes = {"models.mlp.epochs": 2, "models.mlp.teacher": "none", "submit.model": "mlp"}
    params = changed_params(PARAMS_FILE, changes)
    (folder / PARAMS_FILE).write_text(yaml.safe_dump(params))


def measure(arguments: list[str], folder: Path) -> Cost:
    """Run Python in a folder, with this project's modules. Raises PipelineError if it fails."""
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    started = time.perf_counter()
    with tempfile.TemporaryFile() as printed:
        command = [sys.executable, *arguments]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=printed, stderr=printed)
        own, ended = 0, 0
        while not ended:
            own = max(own, _own_memory(process.pid))
            time.sleep(_PAUSE)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            printed.seek(0)
            raise PipelineError(f"{' '.join(arguments)} failed:\n{printed.read().decode()[-2000:]}")
    return Cost(seconds, usage.ru_maxrss * 1024, own)


def _own_memory(pid: int) -> int:
    """Return the resident bytes of a process without the pages of mapped files; 0 if it has ended."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


def markdown(costs: dict[int, dict[str, Cost]]) -> str:
    """Return a table with one line per stage and size."""
    headings = ["stage", "rows", "time", "time per row", "peak memory", "without mapped files"]
    lines = []
    for stage in STAGES:
        for factor, measured in costs.items():
            seconds, peak, own = measured[stage]
            rows = factor * ROWS
            time_per_row = f"{seconds / rows * 1e6:.0f} µs"
            lines.append([stage, f"{rows:,}", f"{seconds:.1f} s", time_per_row, _mb(peak), _mb(own)])
    return table(headings, lines) + "\n"


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


if __name__ == "__main__":
    run(main)
