"""The same members from one process, from several and from a Dask cluster, by the commands that a user types."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import normalise
from stages.ingest.kaggle_csv import Table
from stages.training import ensemble
from stages.training.ensemble import origin
from tests.helpers.datasets import save_prepared
from tests.helpers.workspace import Workspace

pytestmark = pytest.mark.slow

MADE = ("models/mlp.keras", "models/mlp.onnx", "plots/mlp/history.csv")


@pytest.fixture(scope="module")
def project(workspace: Workspace, digits: Table) -> Workspace:
    """A clone with prepared digits, a small teacher, and two small members to train."""
    both = Digits(normalise(digits.pixels), digits.labels)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workspace.root)
        save_prepared(
            {"train": Digits(*(part[:1050] for part in both)), "validation": Digits(*(part[1050:] for part in both))}
        )
    small = {"layers": [8], "epochs": 1, "batch_size": 64, "dropout": 0.1, "members": 2, "threads": 1}
    workspace.set_params(**{f"models__mlp__{key}": value for key, value in small.items()})
    workspace.set_params(models__cnn__epochs=1, models__cnn__layers=[2, 2, 2, 4], models__cnn__threads=1)
    workspace.run("python", "-m", "stages.train", "cnn")
    return workspace


class Trained(NamedTuple):
    sha256: dict[str, str]
    epochs: list[str]  # what was printed of each


def train(project: Workspace, *options: str) -> Trained:
    printed = project.run("python", "-m", "stages.train", "mlp", *options)
    hashes = {name: hashlib.sha256((project.root / name).read_bytes()).hexdigest() for name in MADE}
    return Trained(hashes, re.findall(r": epoch 1/1 (.*?) +[0-9.]+ s$", printed, re.MULTILINE))


@pytest.fixture(scope="module")
def alone(project: Workspace) -> Trained:
    """One after the other in one process."""
    return train(project, "--workers", "1")


def test_processes_of_this_machine_make_the_same_bytes(project: Workspace, alone: Trained):
    together = train(project, "--workers", "2")
    assert together.sha256 == alone.sha256
    assert sorted(together.epochs) == sorted(alone.epochs) and len(alone.epochs) == 2


def test_no_workers_is_an_error(project: Workspace):
    assert "--workers: 0 is not a whole number from 1" in project.fails(
        "python", "-m", "stages.train", "mlp", "--workers=0"
    )


def test_the_second_member_is_the_network_of_the_next_seed(project: Workspace, alone: Trained):
    params = (project.root / "params.yaml").read_text()
    project.set_params(seed=43, models__mlp__members=1)
    assert train(project).epochs == alone.epochs[1:] != alone.epochs[:1]
    (project.root / "params.yaml").write_text(params)


@pytest.fixture
def start_dask() -> Iterator[Callable[..., str]]:
    """A function that starts a scheduler and a worker of two threads on loopback and returns their address."""
    pytest.importorskip("distributed", reason="Dask is not installed: pip install distributed")
    started = []

    def launch(*command: str, awaited: str, python_path: Path | None) -> str:
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "dask", *command, "--no-dashboard", "--host", "127.0.0.1"],
            env=environment | ({"PYTHONPATH": str(python_path)} if python_path else {}),
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return next(match[1] for line in process.stderr if (match := re.search(awaited, line)))

    def start(python_path: Path | None) -> str:
        address = launch("scheduler", "--port", "0", awaited=r"Scheduler at: *(tcp://\S+)", python_path=python_path)
        worker = ("worker", address, "--nthreads", "2", "--no-nanny")
        launch(*worker, awaited=r"(Registered to)", python_path=python_path)
        return address

    yield start
    for process in reversed(started):
        process.kill()
        process.communicate()


def test_a_dask_cluster_makes_the_same_bytes(project: Workspace, alone: Trained, start_dask):
    address = start_dask(project.root)
    by_dask = train(project, "--dask", address)
    assert by_dask == Trained(alone.sha256, [])  # its workers log for themselves
    before = (project.root / "models/cnn.keras").read_bytes()
    project.run("python", "-m", "stages.train", "cnn", "--dask", address)  # the same worker takes another network
    assert (project.root / "models/cnn.keras").read_bytes() == before


def test_a_cluster_without_the_project_is_an_error(project: Workspace, start_dask):
    printed = project.fails("python", "-m", "stages.train", "mlp", "--dask", start_dask(None))
    assert "does not have this project, or another commit of it (No module named 'stages')" in printed


def test_a_cluster_at_another_commit_is_an_error(project: Workspace, start_dask, tmp_path: Path):
    shutil.copytree(project.root / "stages", tmp_path / "stages")
    with (tmp_path / "stages/training/augmentation.py").open("a") as stream:
        stream.write("\nGROUP = 8\n")
    printed = project.fails("python", "-m", "stages.train", "mlp", "--dask", start_dask(tmp_path))
    assert "would train another network (the hash of stages/**/*.py is " in printed


def test_other_versions_than_here_are_an_error():
    ensemble.check_origins({"tcp://10.0.0.1:9": origin()})
    other = {"tcp://10.0.0.1:9": origin(), "tcp://10.0.0.2:9": origin() | {"keras": "3.0.0"}}
    with pytest.raises(
        PipelineError, match=r"tcp://10\.0\.0\.2:9 would train another network \(keras is 3\.0\.0, here "
    ):
        ensemble.check_origins(other)
