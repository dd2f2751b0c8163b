"""params.yaml with some of its keys changed, for runs that differ from the committed one."""

from pathlib import Path
from typing import Any

import yaml


def changed_params(path: Path, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the tree of params.yaml with changes by key, as `dvc exp run -S` names them: `models.cnn.epochs`.

    Nothing is checked. Raises KeyError if a section does not exist.
    """
    tree = yaml.safe_load(path.read_bytes())
    for key, value in changes.items():
        *parents, last = key.split(".")
        branch = tree
        for parent in parents:
            branch = branch[parent]
        branch[last] = value
    return tree
