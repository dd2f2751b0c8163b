"""Training runs in DVC's queue of experiments: each in a folder of its own, so the workspace does not change."""

import hashlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from checks.gate.snapshot import git
from stages.artifacts.errors import PipelineError

PAUSE = 2.0  # seconds between two looks at the queue
FOLLOW = 60.0  # seconds, at most, between looks at a run that goes on
LOOKS = 10  # in a row that find no worker at work, as a busy machine may hide one, until a run counts as lost
_DVC = (sys.executable, "-m", "dvc")
SUCCESS, FAILED = "Success", "Failed"  # as `dvc queue status` names them


class Trial(NamedTuple):
    """One run: a seed and a setting."""

    seed: int
    setting: tuple[str, ...]  # KEY=VALUE, as `dvc exp run -S` takes them; (): the committed params
    target: str  # of dvc.yaml: evaluate, or evaluate@mlp

    @property
    def name(self) -> str:
        """The name of its experiment: the same for the same run."""
        changes = hashlib.sha256("\n".join(sorted(self.setting)).encode()).hexdigest()[:7] if self.setting else ""
        return "-".join(filter(None, (f"seed{self.seed}", self.target.replace("@", "-"), changes)))


def finished() -> dict[str, dict[str, Any]]:
    """Return the metrics by file of each experiment of HEAD that succeeded.

    Raises PipelineError while the queue runs, as DVC does not find the folder of a run that ends meanwhile.
    """
    found = {}
    for commit in json.loads(_dvc("exp", "show", "--json")):
        for experiment in commit["experiments"] or ():
            if not experiment["executor"] or experiment["executor"]["state"] == "success":
                [run, *_] = experiment["revs"]
                found[run["name"]] = {path: file.get("data") for path, file in run["data"]["metrics"].items()}
    return found


def check_idle() -> None:
    """Raise PipelineError if the queue would run something else than the commit and the trials."""
    changed = git("status", "--porcelain", "--untracked-files=no").decode().splitlines()
    if changed:
        raise PipelineError(f"{changed[0][3:]} is not committed, and every run would take it along: commit or stash it")
    if {"Queued", "Running"} & {state for _, state in _tasks(_dvc("queue", "status"))}:
        raise PipelineError(
            "DVC's queue has other tasks: wait for them (dvc queue status), or dvc queue remove --queued"
        )


def run(trials: Sequence[Trial]) -> Iterator[tuple[Trial, str]]:
    """Queue all trials, run one after the other, and yield each with SUCCESS or FAILED as it ends.

    Ctrl-C or an error cancels what has not ended.
    """
    if old := [trial.name for trial in trials if trial.name in dict(_tasks(_dvc("queue", "status")))]:
        _dvc("queue", "remove", *old)  # they failed before
    with _cancelling(trials):
        for trial in trials:
            _enqueue(trial)
        for trial in trials:
            yield trial, _wait(trial.name)


def reason(name: str) -> str:
    """Return the line of its log that states why a run failed."""
    lines = _dvc("queue", "logs", name, check=False).strip().splitlines() or ["no log"]
    return next((line for line in reversed(lines) if line.startswith("error: ")), lines[-1])


@contextmanager
def _cancelling(trials: Sequence[Trial]) -> Iterator[None]:
    """Leave no run behind after Ctrl-C or an error. Runs that have ended stay."""
    try:
        yield
    except BaseException:
        _dvc("queue", "remove", "--queued", check=False)
        _dvc("queue", "kill", *(trial.name for trial in trials), check=False)  # DVC skips those that do not run
        raise


def _enqueue(trial: Trial) -> None:
    values = [f"seed={trial.seed}", *trial.setting]
    options = [option for value in values for option in ("-S", value)]
    printed = _dvc("exp", "run", "--queue", "--name", trial.name, *options, trial.target)
    if f"Queued experiment '{trial.name}'" not in printed:
        raise PipelineError(f"{' '.join(trial.setting)} has several values for one key: compare two settings at a time")


def _wait(name: str) -> str:
    """Return how a run ended, when it has. Raises PipelineError if DVC has lost it."""
    idle = 0
    while idle < LOOKS:
        status = _dvc("queue", "status")
        state = dict(_tasks(status)).get(name)
        if state in (SUCCESS, FAILED):
            return state
        if state == "Queued":
            _start_worker()
        at_work = state == "Queued" or re.search("^Worker status: [1-9]", status, re.M)
        idle = 0 if at_work else idle + 1
        _follow(name)
    raise PipelineError(f"DVC has lost {name}, as if its worker was killed: run the same command again")


def _tasks(status: str) -> list[tuple[str, str]]:
    """Return the name and the state of each task in the queue; in place of a name that it lacks, a part of its time."""
    return re.findall(r"^\w+ +(\S+) .*(Queued|Running|Success|Failed) *$", status, re.M)


def _follow(name: str) -> None:
    """Wait for the end of a run, but not long if it has not started, or if its end is never noted."""
    command = [*_DVC, "queue", "logs", "--follow", name]
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(command, check=False, capture_output=True, timeout=FOLLOW)
    time.sleep(PAUSE)


def _start_worker() -> None:
    """Start DVC's worker unless one is up: a worker may end before the queue is empty.

    It keeps the streams of the command that starts it: with a pipe this would wait for the end of the worker.
    """
    nothing = subprocess.DEVNULL
    finished = subprocess.run([*_DVC, "queue", "start"], check=False, stdin=nothing, stdout=nothing, stderr=nothing)
    if finished.returncode:
        raise PipelineError("dvc queue start failed: run it to see why")


def _dvc(*arguments: str, check: bool = True) -> str:
    """Return what a command prints. Raises PipelineError if it fails and is checked; otherwise it is then ""."""
    finished = subprocess.run([*_DVC, *arguments], check=False, capture_output=True, text=True)
    if finished.returncode and check:
        message = next((line for line in finished.stderr.splitlines() if line.strip()), "no message")
        raise PipelineError(f"dvc {' '.join(arguments[:2])} failed: {message.removeprefix('ERROR: ')}")
    return "" if finished.returncode else finished.stdout
