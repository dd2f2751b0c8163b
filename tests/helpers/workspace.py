"""A clone of the project in a folder of its own, and real digits for it that need no network: for tests and faults."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import yaml
from PIL import Image
from sklearn.datasets import load_digits

from benchmarks.changed_params import changed_params
from stages.ingest.kaggle_csv import Table, write_csv

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Workspace:
    """A clone of the project, as it stands in the working tree, in a folder of its own."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)  # of the environment of its commands

    def run(self, *command: str) -> str:
        """Run a command that has to succeed; return what it printed."""
        finished = self.call(*command)
        assert finished.returncode == 0, f"{' '.join(command)}\n{finished.stdout}"
        return finished.stdout

    def fails(self, *command: str) -> str:
        """Run a command that has to fail, for a reason it says; return what it printed and its exit status."""
        finished = self.call(*command)
        assert finished.returncode != 0, finished.stdout
        assert "Traceback" not in finished.stdout, finished.stdout
        return f"{finished.stdout}exit status {finished.returncode}"

    def call(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever that is."""
        with self.start(*command) as process:
            printed, _ = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, printed)

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a command, no input, stderr in stdout."""
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    @property
    def environment(self) -> dict[str, str]:
        """This Python first in PATH, and no cache outside the workspace's own folder."""
        scripts = str(Path(sys.executable).parent)
        return {
            **os.environ,
            "PATH": os.pathsep.join([scripts, os.environ["PATH"]]),
            "DVC_SITE_CACHE_DIR": str(self.root.parent / "dvc-site-cache"),
            **self.variables,
        }

    def set_params(self, **values: object) -> None:
        """Set keys of params.yaml, dots written as two underscores: models__mlp__epochs=1."""
        path = self.root / "params.yaml"
        tree = changed_params(path, {key.replace("__", "."): value for key, value in values.items()})
        path.write_text(yaml.safe_dump(tree, sort_keys=False))

    def commit(self, message: str) -> None:
        self.run("git", "add", "-A")
        self.run("git", "commit", "-qm", message)


def clone_project(root: Path) -> Workspace:
    """Copy the project's files, uncommitted changes included, to `root`, and commit them there."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True, stdout=subprocess.PIPE
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
    clone = Workspace(root)
    clone.run("git", "init", "-qb", "main")
    clone.run("git", "config", "user.name", "A user")
    clone.run("git", "config", "user.email", "user@example.com")
    clone.commit("The project as cloned")
    return clone


def enlarged_digits() -> Table:
    """Return the 1,797 handwritten digits that scikit-learn ships, 8x8 in 0-16, enlarged to 20x20 within 28x28."""
    source = load_digits()
    images = np.zeros((len(source.images), 28, 28), np.uint8)
    for image, small in zip(images, source.images, strict=True):
        ink = Image.fromarray((small * 255 / 16).astype(np.uint8))
        image[4:24, 4:24] = ink.resize((20, 20), Image.Resampling.BILINEAR)
    return Table(images.reshape(-1, 784), source.target.astype(np.uint8))


def save_csv(path: Path, table: Table) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_csv(stream, table.pixels, table.labels)
    return path
