"""Ten and fifty times the data: time and peak memory of each stage, as benchmarks/scale.md.

Repeats the rows of MNIST's CSVs in a scratch folder and runs the stages there, each as a process of its own; train for
two epochs of the mlp. Needs `dvc repro download`, Linux, and 0.4 GB of disk for each time the data.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import yaml

from benchmarks.changed_params import changed_params
from stages.artifacts import paths
from stages.artifacts.errors import PipelineError, run
from stages.config.params import PARAMS_FILE

# This process imports no NumPy: what a child's parent holds counts as the child's least peak.

PREPROCESS = ["-m", "stages.preprocess"]
STAGES = {
    "preprocess": PREPROCESS,
    "train mlp, two epochs": ["-m", "stages.train", "mlp"],
    "evaluate mlp": ["-m", "stages.evaluate", "mlp"],
    "submit": ["-m", "stages.submit"],
}
ROUNDS = 7
LOADTXT = "import numpy; [numpy.loadtxt(path, numpy.uint8, delimiter=',', skiprows=1) for path in {}]"
CSVS = (paths.MNIST_TRAIN_CSV, paths.MNIST_TEST_CSV)
ROWS = 70_000  # of both
_DISK = 400_000_000  # bytes for each time the data
_PAUSE = 0.02  # seconds between looks at a process's memory


class Cost(NamedTuple):
    """What a process took."""

    seconds: float
    peak: int  # bytes: all that was resident, pages of mapped files too
    own: int  # bytes: without these, which the system may drop at any time


def main() -> None:
    arguments = parse_arguments()
    for path in CSVS:
        if not path.is_file():
            raise PipelineError(f"{path} is missing: run dvc repro download")
    costs = {}
    for factor in arguments.factors:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            costs[factor] = measure_stages(factor, Path(folder))
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        ratio = against_loadtxt(Path(folder))
    report = (
        f"{markdown(costs)}\nOn 70,000 rows, preprocess takes {ratio:.2f} times as long as `np.loadtxt` takes to read "
        f"both CSVs and do nothing else (median of {ROUNDS} rounds, start-up included).\n"
    )
    print(f"\n{report}")
    (arguments.output / "scale.md").write_text(report, encoding="utf-8")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("factors", type=int, nargs="*", default=[1, 10, 50], metavar="N", help="default: 1 10 50")
    parser.add_argument("--folder", type=Path, help="where to make the scratch folder (default: the system's)")
    parser.add_argument("-o", "--output", type=Path, default=Path("benchmarks"), metavar="DIR")
    return parser.parse_args()


def measure_stages(factor: int, folder: Path) -> dict[str, Cost]:
    """Run every stage on so many times the data in an empty folder."""
    if shutil.disk_usage(folder).free < factor * _DISK:
        raise PipelineError(f"{folder} is on a disk with less than {factor * _DISK:,} bytes free: see --folder")
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


def against_loadtxt(folder: Path) -> float:
    """Return the time of preprocess in that of np.loadtxt: the median of rounds of one after the other."""
    save_params(folder)
    for path in CSVS:
        repeat_rows(path, folder / path, 1)
    loadtxt = ["-c", LOADTXT.format([str(path) for path in CSVS])]
    rounds = [[measure(command, folder).seconds for command in (PREPROCESS, loadtxt)] for _ in range(ROUNDS)]
    return statistics.median(preprocess / reading for preprocess, reading in rounds)


def measure(arguments: list[str], folder: Path) -> Cost:
    """Run Python in a folder, with this project's modules. Raises PipelineError where that fails."""
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    started = time.perf_counter()
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=folder, env=environment, stdout=printed, stderr=printed
        )
        own = [0]
        watch = threading.Thread(target=_watch, args=(process.pid, own))
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.join()
        if process.returncode:
            printed.seek(0)
            raise PipelineError(f"{' '.join(arguments)} failed:\n{printed.read().decode()[-2000:]}")
    return Cost(seconds, usage.ru_maxrss * 1024, own[0])


def _watch(pid: int, own: list[int]) -> None:
    """Keep the most memory of a process's own in own[0] until it ends."""
    while True:
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            return
        sizes = [int(line.split()[1]) * 1024 for line in lines if line.startswith(("RssAnon:", "RssShmem:"))]
        if not sizes:  # it has ended, and waits for its status to be read
            return
        own[0] = max(own[0], sum(sizes))
        time.sleep(_PAUSE)


def markdown(costs: dict[int, dict[str, Cost]]) -> str:
    """Return a table with a line a stage and size."""
    lines = [
        "| stage | rows | time | time a row | peak memory | less mapped files |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for stage in STAGES:
        for factor, (seconds, peak, own) in ((factor, measured[stage]) for factor, measured in costs.items()):
            rows = factor * ROWS
            each = f"{seconds / rows * 1e6:.0f} µs"
            lines.append(f"| {stage} | {rows:,} | {seconds:.1f} s | {each} | {_mb(peak)} | {_mb(own)} |")
    return "\n".join(lines) + "\n"


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


if __name__ == "__main__":
    run(main)
