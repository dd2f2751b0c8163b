"""What dvc.lock records of a side."""

from typing import Any

import yaml

from checks.gate.snapshot import LOCK, Snapshot
from stages.artifacts.errors import PipelineError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, if it is there: 0.2 s faster for two files


def read_stage(snapshot: Snapshot, name: str) -> dict[str, Any]:
    """Return a stage as DVC recorded it, {} if it is not there. Raises PipelineError if dvc.lock is not valid YAML."""
    try:
        stage = yaml.load(snapshot.files.get(LOCK, b""), _LOADER)["stages"][name]
    except yaml.YAMLError:
        raise PipelineError(f"{LOCK} of {snapshot.name} is not valid YAML: run dvc repro") from None
    except (KeyError, TypeError):
        return {}
    return stage if isinstance(stage, dict) else {}


def recorded_out(snapshot: Snapshot, stage: str, path: str, key: str) -> Any:
    """Return the md5 or the size, in bytes, of an output; None if dvc.lock does not have it."""
    try:
        return next((out[key] for out in read_stage(snapshot, stage)["outs"] if out["path"] == path), None)
    except (KeyError, TypeError):
        return None
