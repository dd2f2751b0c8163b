"""A clone of the project in a separate folder, to run the real dvc in."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from benchmarks.changed_params import changed_params
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import save_csv

ROOT = Path(__file__).parents[2]
OWN_CSVS = OWN_TRAIN, OWN_TEST = "data/train.csv", "data/test.csv"


@dataclass(frozen=True)
class Workspace:
    """A clone of the project, uncommitted changes included."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)  # of the environment of its commands

    def run(self, *command: str) -> str:
        """Run a command that must succeed; return what it printed."""
        finished = self.call(*command)
        assert finished.returncode == 0, f"{' '.join(command)}\n{finished.stdout}"
        return finished.stdout

    def fails(self, *command: str) -> str:
        """Run a command that must fail without a traceback; return what it printed and its exit status."""
        finished = self.call(*command)
        assert finished.returncode != 0, finished.stdout
        assert "Traceback" not in finished.stdout, finished.stdout
        return f"{finished.stdout}exit status {finished.returncode}"

    def call(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, successful or not."""
        with self.start(*command) as process:
            printed, _ = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, printed)

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a command without input, stderr in stdout."""
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
        """This Python first in PATH, and DVC's caches next to the workspace."""
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

    def add_own_data(self, train: Table, test: Table) -> None:
        """Put a user's CSVs in place, track them with DVC and set the params to them."""
        for path, table in zip(OWN_CSVS, (train, test), strict=True):
            save_csv(self.root / path, table)
        self.run("dvc", "add", *OWN_CSVS)
        self.set_params(data__train_csv=OWN_TRAIN, data__test_csv=OWN_TEST)

    def copy_to(self, root: Path) -> "Workspace":
        return Workspace(shutil.copytree(self.root, root, symlinks=True), self.variables)

    def commit(self, message: str) -> None:
        self.run("git", "add", "-A")
        self.run("git", "commit", "-qm", message)

    def hashes(self, *patterns: str) -> dict[str, str]:
        """Return the sha256 of each file that a pattern matches, by its path."""
        files = sorted(path for pattern in patterns for path in self.root.glob(pattern) if path.is_file())
        return {path.relative_to(self.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def clone_project(root: Path) -> Workspace:
    """Copy the project's files, uncommitted changes included, to `root` and commit them there."""
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
