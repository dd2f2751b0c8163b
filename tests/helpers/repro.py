"""A `dvc repro` that can be disturbed, in a clone of the project with a user's small CSVs and a small MNIST."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.helpers import small_mnist
from tests.helpers.datasets import enlarged_digits, rows
from tests.helpers.workspace import Workspace, clone_project

COMMAND = ("dvc", "repro", "download", "evaluate@mlp", "screen", "submit")  # every stage, for the faster network only
_TIMEOUT = 300  # seconds of a run


class Disturbed(NamedTuple):
    """The result of a run that was disturbed."""

    status: int  # exit status
    printed: str


def run_undisturbed(root: Path, server: small_mnist.Server) -> Workspace:
    """Clone the project, put a user's CSVs into it, run the pipeline once and commit all."""
    project = Workspace(clone_project(root).root, {"XDG_CACHE_HOME": str(root.parent / "user-cache")})
    digits = enlarged_digits()
    project.add_own_data(rows(digits, 0, 1200), rows(digits, 1200, 1500))
    small_mnist.point_at(server, root / "stages/ingest/mnist.py")
    project.set_params(
        models__mlp__teacher="none",
        models__mlp__epochs=3,
        models__mlp__batch_size=64,
        screen__examples=200,
        screen__epochs=1,
        submit__model="mlp",
    )
    project.run(*COMMAND)
    project.commit("My own data")
    return project


@contextmanager
def copied(project: Workspace) -> Iterator[Workspace]:
    """Copy a workspace with the caches next to it; delete the copy at the end."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "copy"
        shutil.copytree(project.root.parent, folder, symlinks=True)
        cache = {"XDG_CACHE_HOME": str(folder / "user-cache")}
        yield Workspace(folder / project.root.name, project.variables | cache)


def recorded_outs(project: Workspace, stage: str) -> list[dict]:
    """Return the outs of a stage from dvc.lock: path, size and md5 of each."""
    return yaml.safe_load((project.root / "dvc.lock").read_text())["stages"][stage]["outs"]


def cached(project: Workspace, out: dict) -> Path:
    """Return the path of DVC's copy of an out."""
    return project.root / ".dvc/cache/files/md5" / out["md5"][:2] / out["md5"][2:]


def forget(project: Workspace, stage: str) -> None:
    """Delete the outputs of a stage and DVC's copies of them, so that it has to run again."""
    for out in recorded_outs(project, stage):
        (project.root / out["path"]).unlink()
        cached(project, out).unlink(missing_ok=True)
    shutil.rmtree(project.root / ".dvc/cache/runs", ignore_errors=True)
    shutil.rmtree(Path(project.variables["XDG_CACHE_HOME"]) / "mnist-idx", ignore_errors=True)


class Repro:
    """A running `dvc repro` that has to run `stage`; in a separate process group, as a terminal starts it."""

    def __init__(self, project: Workspace, stage: str):
        forget(project, stage)
        self._root, self._log = project.root, project.root.parent / "printed"
        with self._log.open("wb") as stream:
            self.process = subprocess.Popen(
                COMMAND,
                cwd=project.root,
                env=project.environment,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> "Repro":
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def wait_for(self, sign: str) -> None:
        """Wait until a line is printed or a file appears. Raises RuntimeError if the run ends before."""
        end = time.monotonic() + _TIMEOUT
        while sign not in self._log.read_text() and not any(self._root.glob(sign)):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"no sign of {sign}: {self._log.read_text()}")
            time.sleep(0.0005)

    def stage_process(self) -> int:
        """Return the id of the process that runs the stage."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if b"\0stages." in path.read_bytes() and os.getsid(int(path.parent.name)) == self.process.pid:
                    return int(path.parent.name)
        raise RuntimeError(f"no stage runs: {self._log.read_text()}")

    def finish(self) -> Disturbed:
        """Wait until it has failed. Raises RuntimeError if it succeeded, so was not disturbed."""
        disturbed = Disturbed(self.process.wait(_TIMEOUT), self._log.read_text())
        if disturbed.status == 0:
            raise RuntimeError(f"the fault came too late: {disturbed.printed}")
        return disturbed
