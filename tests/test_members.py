"""The same members from one process, from several and from a Dask cluster, by the commands that a user types."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stages import prepared
from stages.images import normalise
from stages.kaggle_csv import Table
from stages.prepared import Digits
from tests.conftest import Workspace

MADE = ("models/mlp.keras", "models/mlp.onnx", "plots/mlp/history.csv")


@pytest.fixture(scope="module")
def project(workspace: Workspace, digits: Table) -> Workspace:
    """A clone with prepared digits and two small members to train."""
    both = Digits(normalise(digits.pixels), digits.labels)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workspace.root)
        prepared.save("train", Digits(both.images[:1050], both.labels[:1050]))
        prepared.save("validation", Digits(both.images[1050:], both.labels[1050:]))
    small = {"layers": [8], "epochs": 1, "batch_size": 64, "dropout": 0.1, "members": 2, "threads": 1}
    workspace.set_params(**{f"models__mlp__{key}": value for key, value in small.items()})
    return workspace


def trained(project: Workspace, *options: str) -> dict[str, str]:
    """Train; return the sha256 of what that made."""
    printed = project.run("python", "-m", "stages.train", "mlp", *options)
    assert printed.count(": epoch 1/1") == (0 if "--dask" in options else 2)  # Dask's workers log for themselves
    return {name: hashlib.sha256((project.root / name).read_bytes()).hexdigest() for name in MADE}


@pytest.fixture(scope="module")
def alone(project: Workspace) -> dict[str, str]:
    """Made one after the other in one process."""
    return trained(project, "--workers", "1")


def test_processes_of_this_machine_make_the_same_bytes(project: Workspace, alone: dict[str, str]):
    assert trained(project, "--workers", "2") == alone


def test_no_workers_is_an_error(project: Workspace):
    assert "--workers: 0 is not a whole number from 1" in project.fails(
        "python", "-m", "stages.train", "mlp", "--workers=0"
    )


def test_a_member_alone_has_the_next_seed(project: Workspace, alone: dict[str, str]):
    params = (project.root / "params.yaml").read_text()
    project.set_params(models__mlp__members=1)
    histories = []
    for seed in (42, 43):
        project.set_params(seed=seed)
        trained_alone = project.run("python", "-m", "stages.train", "mlp")
        histories.append(re.search(r"mlp: epoch 1/1 (.*?) +[0-9.]+ s$", trained_alone, re.MULTILINE)[1])
    (project.root / "params.yaml").write_text(params)
    printed = project.run("python", "-m", "stages.train", "mlp", "--workers", "1")
    assert histories == re.findall(r"mlp ./2: epoch 1/1 (.*?) +[0-9.]+ s$", printed, re.MULTILINE)


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


def test_a_dask_cluster_makes_the_same_bytes(project: Workspace, alone: dict[str, str], start_dask):
    assert trained(project, "--dask", start_dask(project.root)) == alone


def test_a_cluster_without_the_project_is_an_error(project: Workspace, start_dask):
    printed = project.fails("python", "-m", "stages.train", "mlp", "--dask", start_dask(None))
    assert "does not have this project (No module named 'stages')" in printed
