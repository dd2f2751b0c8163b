"""Files of a commit that Git does not hold: from the workspace, DVC's cache or a remote."""

import hashlib
from pathlib import Path

from checks.gate.lock import recorded_out
from checks.gate.snapshot import Snapshot
from stages.artifacts.errors import PipelineError


def read_out(side: Snapshot, stage: str, path: str) -> bytes:
    """Return an output of `stage`. Raises PipelineError with the command that brings it if it is unavailable."""
    md5 = recorded_out(side, stage, path, "md5")
    here = Path(path)
    if here.is_file() and hashlib.md5(content := here.read_bytes()).hexdigest() == md5:
        return content
    import dvc.api  # here, as it takes a second

    try:
        content = dvc.api.read(path, rev=side.commit, mode="rb")
    except Exception as error:  # the storages' errors share no base class
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise PipelineError(
            f"{path} of {side.name} is neither in DVC's cache nor in a remote ({reason}): where it was made, run "
            f"dvc push --all-commits; or make it here: git checkout {side.commit[:10]} && dvc repro && git checkout -"
        ) from None
    if hashlib.md5(content).hexdigest() != md5:
        raise PipelineError(f"{path} of {side.name} is not what its dvc.lock names: delete it from DVC's cache")
    return content
