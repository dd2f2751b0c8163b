"""Compare the artifacts of a shrunk pipeline, run natively and on other x86-64 CPUs, byte by byte: benchmarks/cpus.md.

QEMU's user emulation computes as the named CPU would. It has no AVX-512: a machine that has it counts as one more kind.
Runs each stage but download, for one epoch of few rows. Needs `dvc repro download` and qemu-x86_64 (Debian, Ubuntu:
apt-get install qemu-user); about 8 minutes for each emulated CPU on one core. Exits with 1 if a byte differs.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import get_args

import yaml

from benchmarks.changed_params import changed_params
from benchmarks.machine import processor
from checks.markdown import table
from stages.artifacts import paths
from stages.artifacts.errors import PipelineError, run
from stages.artifacts.paths import ModelName
from stages.config.params import PARAMS_FILE

EMULATED = ("Haswell", "Skylake-Client", "EPYC-Rome")
NATIVE = "native"
QEMU = "qemu-x86_64"
ROWS = {paths.MNIST_TRAIN_CSV: 200, paths.MNIST_TEST_CSV: 40}

Hashes = dict[str, str]  # sha256 of each artifact, by its path


def main() -> None:
    arguments = parse_arguments()
    check(arguments.cpus)
    cpus = [NATIVE, *arguments.cpus]
    with ThreadPoolExecutor(arguments.jobs) as pool:
        found = dict(zip(cpus, pool.map(run_pipeline, cpus), strict=True))
    report = markdown(found, processor())
    print(f"\n{report}")
    (arguments.output / "cpus.md").write_text(report, encoding="utf-8")
    if different(found):
        raise PipelineError(f"not the same bytes on every CPU: {', '.join(different(found))}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cpus", description=__doc__)
    parser.add_argument(
        "cpus", nargs="*", default=EMULATED, metavar="CPU", help=f"`{QEMU} -cpu help` lists them (default: %(default)s)"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="CPUs emulated in parallel")
    parser.add_argument("-o", "--output", type=Path, default=Path("benchmarks"), metavar="DIR")
    return parser.parse_args()


def check(cpus: list[str]) -> None:
    """Raise PipelineError if there are no rows to run on, or no emulator for these CPUs."""
    for path in ROWS:
        if not path.is_file():
            raise PipelineError(f"{path} is missing: run dvc repro download")
    if cpus and shutil.which(QEMU) is None:
        raise PipelineError(
            f"{QEMU} is missing: install QEMU's user emulation (Debian, Ubuntu: apt-get install qemu-user)"
        )
    for cpu in cpus:
        if subprocess.run([QEMU, "-cpu", cpu, sys.executable, "-c", ""], capture_output=True).returncode:
            raise PipelineError(f"{QEMU} cannot run Python as {cpu}: see {QEMU} -cpu help")


def run_pipeline(cpu: str) -> Hashes:
    """Run every stage but download in an empty folder, with this project's modules; hash its outputs."""
    python = [sys.executable] if cpu == NATIVE else [QEMU, "-cpu", cpu, sys.executable]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        inputs = list(prepare(folder))
        for stage in stages():
            started = time.perf_counter()
            call([*python, "-m", *stage], folder)
            print(f"{cpu}: {' '.join(stage)}, {time.perf_counter() - started:.0f} s", flush=True)
        made = sorted(path for path in folder.rglob("*") if path.is_file() and path not in inputs)
        return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in made}


def prepare(folder: Path) -> Iterator[Path]:
    """Write the first rows of MNIST's CSVs and the params of a short training into the folder; yield their paths."""
    for path, rows in ROWS.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with path.open() as source, target.open("w") as stream:
            stream.writelines(islice(source, rows + 1))
        yield target
    changes = {f"models.{model}.epochs": 1 for model in get_args(ModelName)}
    params = changed_params(PARAMS_FILE, changes | {"screen.epochs": 1, "screen.examples": ROWS[paths.MNIST_TRAIN_CSV]})
    (folder / PARAMS_FILE).write_text(yaml.safe_dump(params))
    yield folder / PARAMS_FILE


def stages() -> list[list[str]]:
    """Return each stage's module and arguments, in an order in which they can run."""
    teachers_first = reversed(get_args(ModelName))  # as in the committed params
    networks = [[f"stages.{verb}", model] for model in teachers_first for verb in ("train", "evaluate")]
    return [["stages.preprocess"], *networks, ["stages.screen"], ["stages.submit"]]


def call(command: list[str], folder: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path.cwd()), "PYTHONDONTWRITEBYTECODE": "1"}
    finished = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True)
    if finished.returncode:
        raise PipelineError(f"{' '.join(command)} failed:\n{finished.stderr.strip()[-2000:]}")


def different(found: dict[str, Hashes]) -> list[str]:
    """Return the artifacts that are not the same bytes on every CPU."""
    artifacts = sorted({artifact for hashes in found.values() for artifact in hashes})
    return [artifact for artifact in artifacts if len({hashes.get(artifact) for hashes in found.values()}) > 1]


def markdown(found: dict[str, Hashes], native: str) -> str:
    """Return a table with one line per artifact: its sha256 here, and whether each other CPU makes the same."""
    emulated = [cpu for cpu in found if cpu != NATIVE]
    rows = []
    for artifact, expected in sorted(found[NATIVE].items()):
        same = ["same" if found[cpu].get(artifact) == expected else "**differs**" for cpu in emulated]
        rows.append([artifact, expected[:12], *same])
    summary = f"{len(rows) - len(different(found))} of {len(rows)} artifacts are the same bytes on every CPU."
    return f"{table(['artifact', f'sha256 natively: {native}', *emulated], rows, 'left')}\n\n{summary}\n"


if __name__ == "__main__":
    run(main)
