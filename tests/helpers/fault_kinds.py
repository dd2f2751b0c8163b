"""The faults: each disturbs a `dvc repro` in one stage, yields the result, and then undoes what it did."""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from tests.helpers import disks
from tests.helpers.repro import COMMAND, Disturbed, Repro, cached, recorded_outs
from tests.helpers.small_mnist import Server
from tests.helpers.workspace import Workspace

# The sign that a stage is at work: the first file that it writes, or a line that it prints.
AT_WORK = {
    "download": "data/mnist/*.partial",
    "preprocess": "data/prepared/[tv]*",
    "train@mlp": "mlp: epoch 1/",
    "evaluate@mlp": "metrics/mlp.json*",
    "screen": "screen: epoch 1/",
    "submit": "data/submission.csv*",
}
_PAGE = 4096  # bytes: disks in memory have whole pages
_AMPLE = 1 << 30


@contextmanager
def signal_all(project: Workspace, stage: str, number: signal.Signals) -> Iterator[Disturbed]:
    """Send a signal to dvc and its stage at the same time."""
    with Repro(project, stage) as repro:
        repro.wait_for(AT_WORK[stage])
        os.killpg(repro.process.pid, number)
        yield repro.finish()


kill_all = partial(signal_all, number=signal.SIGKILL)  # as if the power fails
interrupt = partial(signal_all, number=signal.SIGINT)  # as a terminal sends it


@contextmanager
def kill_stage(project: Workspace, stage: str) -> Iterator[Disturbed]:
    """Kill the stage and not dvc, as Linux does if memory runs out."""
    with Repro(project, stage) as repro:
        repro.wait_for(AT_WORK[stage])
        os.kill(repro.stage_process(), signal.SIGKILL)
        yield repro.finish()


@contextmanager
def interrupt_early(project: Workspace, stage: str) -> Iterator[Disturbed]:
    """Press Ctrl-C a second after the start, while the stage still imports its modules."""
    with Repro(project, stage) as repro:
        repro.wait_for(f"Running stage '{stage}'")
        time.sleep(1)
        os.killpg(repro.process.pid, signal.SIGINT)
        yield repro.finish()


@contextmanager
def full_disk(project: Workspace, stage: str, fraction: float = 0.5) -> Iterator[Disturbed]:
    """Leave room on the disk for no more than a fraction of the outs, from the start of the stage."""
    room = int(fraction * sum(out["size"] for out in recorded_outs(project, stage))) // _PAGE * _PAGE
    with disks.own_disk(project.root) as resize, Repro(project, stage) as repro:
        repro.wait_for(f"Running stage '{stage}'")
        resize(shutil.disk_usage(project.root).used + room)
        disturbed = repro.finish()
        resize(_AMPLE)
        yield disturbed


@contextmanager
def full_disk_for_dvc(project: Workspace, stage: str) -> Iterator[Disturbed]:
    """Leave room for what the stage writes, but not for DVC's copy of it."""
    with full_disk(project, stage, fraction=1.5) as disturbed:
        yield disturbed


@contextmanager
def read_only(project: Workspace, stage: str) -> Iterator[Disturbed]:
    """Make the folders of the stage's outs read-only."""
    folders = sorted({(project.root / out["path"]).parent for out in recorded_outs(project, stage)})
    with Repro(project, stage) as repro:
        repro.wait_for(f"Running stage '{stage}'")
        with ExitStack() as stack:
            for folder in folders:
                stack.enter_context(disks.read_only(folder))
            disturbed = repro.finish()
    yield disturbed


@contextmanager
def second_repro(project: Workspace, stage: str) -> Iterator[Disturbed]:
    """Start a second `dvc repro` while the first runs the stage, which is stopped meanwhile so that it does not end."""
    with Repro(project, stage) as first:
        first.wait_for(AT_WORK[stage])
        working = first.stage_process()
        os.kill(working, signal.SIGSTOP)
        second = _run(project, *COMMAND)
        os.kill(working, signal.SIGCONT)
        if first.process.wait() != 0:
            raise RuntimeError("the second run made the first one fail")
    yield second


@contextmanager
def reused_id(project: Workspace, stage: str) -> Iterator[Disturbed]:
    """Leave the lock of a killed dvc, whose process id the system has given to another process: this one."""
    lock = {"pid": os.getpid(), "cmd": "dvc repro"}
    written = {str(project.root / out["path"]): lock for out in recorded_outs(project, stage)}
    _lock_file(project).write_text(json.dumps({"write": written}))
    with Repro(project, stage) as repro:
        yield repro.finish()


@contextmanager
def cut_lock(project: Workspace, stage: str) -> Iterator[Disturbed]:
    """Leave an empty lock file, as if the power failed while dvc wrote it."""
    _lock_file(project).write_text("")
    with Repro(project, stage) as repro:
        yield repro.finish()


def network_gone(server: Server) -> Callable:
    """Break off every connection in the middle of the first file."""

    @contextmanager
    def fault(project: Workspace, stage: str) -> Iterator[Disturbed]:
        server.broken = True
        try:
            with Repro(project, stage) as repro:
                disturbed = repro.finish()
        finally:
            server.broken = False
        yield disturbed

    return fault


@contextmanager
def flipped_bit(project: Workspace, stage: str) -> Iterator[Disturbed]:
    """Flip one bit of the model."""
    path = _model(project, stage)["path"]
    _flip(project.root / path)
    yield _run(project, "dvc", "status")


@contextmanager
def flipped_bit_in_cache(project: Workspace, stage: str) -> Iterator[Disturbed]:
    """Flip one bit of DVC's copy of the model, and let DVC put this copy into the workspace."""
    model = _model(project, stage)
    _flip(cached(project, model))
    (project.root / model["path"]).unlink()
    yield _run(project, "dvc", "checkout", model["path"])


def _model(project: Workspace, stage: str) -> dict:
    return next(out for out in recorded_outs(project, stage) if out["path"].endswith(".onnx"))


def _run(project: Workspace, *command: str) -> Disturbed:
    finished = project.call(*command)
    return Disturbed(finished.returncode, finished.stdout)


def _flip(path: Path) -> None:
    """Flip a bit as a failing disk does: neither the time nor the mode of the file changes."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    before = path.stat()
    path.chmod(0o644)
    path.write_bytes(content)
    path.chmod(before.st_mode)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _lock_file(project: Workspace) -> Path:
    return project.root / ".dvc/tmp/rwlock"
