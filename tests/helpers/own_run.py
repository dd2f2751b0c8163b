"""The pipeline run on a user's data, in a clone: once, and once more after a change."""

from pathlib import Path
from typing import NamedTuple

from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import rows
from tests.helpers.workspace import Workspace, clone_project

EPOCHS = {"mlp": 1, "cnn": 8}
ALL_BUT_DOWNLOAD = ("evaluate", "screen", "submit")  # download would need a network


class Longer(NamedTuple):
    """A workspace with one more commit, and what `dvc repro` printed before it."""

    workspace: Workspace
    printed: str


def run_once(root: Path, digits: Table) -> Workspace:
    """Clone the project, put a user's CSVs in place, run the pipeline and commit."""
    workspace = clone_project(root)
    workspace.add_own_data(rows(digits, 0, 1200), rows(digits, 1200, 1500))
    workspace.set_params(
        **{f"models__{model}__epochs": epochs for model, epochs in EPOCHS.items()},
        **{f"models__{model}__batch_size": 64 for model in EPOCHS},
        **{f"gate__floor__{model}": 0.2 for model in EPOCHS},
        screen__examples=200,
        screen__epochs=1,
    )
    workspace.run("dvc", "repro", *ALL_BUT_DOWNLOAD)
    workspace.commit("My own data")
    return workspace


def train_for_longer(done: Workspace, root: Path) -> Longer:
    """Train the mlp for 12 epochs in a copy, and commit."""
    workspace = done.copy_to(root)
    workspace.set_params(models__mlp__epochs=12)
    printed = workspace.run("dvc", "repro", *ALL_BUT_DOWNLOAD)
    workspace.commit("Train the mlp for longer")
    return Longer(workspace, printed)
