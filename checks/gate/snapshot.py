"""The results in a commit, and those in the workspace, as bytes by path.

Reads Git and the workspace, never a DVC remote or cache, and never writes.
"""

import argparse
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from stages.artifacts import paths
from stages.artifacts.errors import PipelineError
from stages.config.params import PARAMS_FILE
from stages.ingest.gate_params import CORRUPTIONS

LOCK = "dvc.lock"
METRICS, PREDICTIONS, LOSSES, HISTORY, CALIBRATION, ROBUSTNESS = (
    path.as_posix()
    for path in (
        paths.metrics("*"),
        *(paths.plots("*") / file for file in ("predictions.csv", "losses.csv", "history.csv", "calibration.csv")),
        paths.plots("*") / "robustness/CORRUPTION.csv",
    )
)  # "*" is the name of a network
DATA = paths.DATA_METRICS.stem  # not a network: metrics/data.json has figures of the data
_PATTERNS = (
    *(METRICS, PREDICTIONS, LOSSES, HISTORY, CALIBRATION, LOCK, PARAMS_FILE.as_posix()),
    *(ROBUSTNESS.replace("CORRUPTION", name) for name in CORRUPTIONS),
)


@dataclass(frozen=True)
class Snapshot:
    """The files of one side of a comparison."""

    name: str  # in messages
    commit: str  # the full id; of the workspace: the id of HEAD
    files: Mapping[str, bytes]  # by path, such as metrics/cnn.json

    def file(self, pattern: str, network: str) -> bytes:
        """Return a network's file. Raises PipelineError if it is missing."""
        path = pattern.replace("*", network)
        if path not in self.files:
            raise PipelineError(f"{self.name} has no {path}: run dvc repro there and commit its results")
        return self.files[path]

    def networks(self) -> set[str]:
        return {PurePosixPath(path).stem for path in self.files if PurePosixPath(path).match(METRICS)} - {DATA}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name the sides."""
    parser.add_argument("base", metavar="BASE", help="the commit to compare with, such as HEAD~1, main or a tag")
    parser.add_argument(
        "--also", metavar="REV", help="compare with this commit too, such as the last release, which does not move"
    )
    parser.add_argument("--head", metavar="REV", help="assess this commit instead of the workspace")


def sides(arguments: argparse.Namespace) -> tuple[list[Snapshot], Snapshot]:
    """Return the bases, each commit once, and head. Raises PipelineError if a commit is not in the repository."""
    head = of_workspace() if arguments.head is None else of_commit(arguments.head)
    bases = [of_commit(revision) for revision in (arguments.base, arguments.also) if revision is not None]
    return [base for i, base in enumerate(bases) if base.commit not in {other.commit for other in bases[:i]}], head


def of_workspace() -> Snapshot:
    """Read the files below the current directory, committed or not."""
    found = {path.as_posix(): path.read_bytes() for pattern in _PATTERNS for path in Path().glob(pattern)}
    return Snapshot("the workspace", _resolve("HEAD"), found)


def of_commit(revision: str) -> Snapshot:
    """Read the files of `revision`: anything that git rev-parse accepts, such as HEAD~1, main, v1.2 or an id.

    Raises PipelineError if that commit is not in the repository.
    """
    commit = _resolve(revision)
    roots = {pattern.split("/")[0] for pattern in _PATTERNS}
    listed = git("ls-tree", "-r", "-z", "--name-only", commit, "--", *sorted(roots)).decode("utf-8", "replace")
    wanted = [path for path in listed.split("\0") if any(PurePosixPath(path).match(pattern) for pattern in _PATTERNS)]
    short = commit[:10]
    name = short if commit.startswith(revision) else f"{short} ({revision})"
    return Snapshot(name, commit, {path: git("show", f"{commit}:./{path}") for path in wanted})


def _resolve(revision: str) -> str:
    """Return the full id of a commit."""
    arguments = ["git", "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"]
    finished = subprocess.run(arguments, check=False, capture_output=True, text=True)
    if finished.returncode == 0:
        return finished.stdout.strip()
    if git("rev-parse", "--is-shallow-repository").strip() == b"true":
        remedy = "fetch the history (git fetch --unshallow; in GitHub Actions fetch-depth: 0)"
        raise PipelineError(f"this clone is shallow and lacks the commit {revision!r}: {remedy}")
    raise PipelineError(f"{revision!r} is not a commit of this repository: check the name, or run git fetch")


def git(*arguments: str) -> bytes:
    """Return what a command prints. Raises PipelineError if it fails."""
    finished = subprocess.run(["git", *arguments], check=False, capture_output=True)
    if finished.returncode:
        raise PipelineError(f"git {arguments[0]} failed: {finished.stderr.decode('utf-8', 'replace').strip()}")
    return finished.stdout
