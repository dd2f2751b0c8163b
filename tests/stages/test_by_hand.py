"""A stage that is run by hand: its help, and which command to run first."""

import runpy
import shutil
import sys
from pathlib import Path

import pytest

from tests.helpers.onnx_model import WHOLE
from tests.helpers.workspace import ROOT


def run_by_hand(stage: str, *arguments: str) -> int:
    """Run a stage as `python -m` does, in the current folder, until it exits; return the exit status."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [f"{stage}.py", *arguments])
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(ROOT / f"stages/{stage}.py"), run_name="__main__")
    return end.value.code


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("stage", ["download", "preprocess", "evaluate", "screen", "submit"])
def test_help_is_printed_and_nothing_run(stage: str, capsys):
    assert run_by_hand(stage, "--help") == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"usage: python -m stages.{stage} [-h]") and f"Stage `{stage}`: " in printed
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("stage", ["download", "preprocess", "screen", "submit"])
@pytest.mark.parametrize("argument", ["mlp", "--force"])
def test_an_argument_that_means_nothing_is_refused(stage: str, argument: str, capsys):
    assert run_by_hand(stage, argument) == 2
    assert f"unrecognized arguments: {argument}" in capsys.readouterr().err
    assert list(Path().iterdir()) == []


def test_outside_the_repository_it_names_the_folder_to_run_in(capsys):
    assert run_by_hand("preprocess") == 1
    assert capsys.readouterr().err == "error: params.yaml is missing: run from the repository's root\n"


def test_without_the_stages_before_it_a_stage_names_the_command(capsys):
    def error(stage: str, *arguments: str) -> str:
        assert run_by_hand(stage, *arguments) == 1
        return capsys.readouterr().err

    shutil.copy(ROOT / "params.yaml", "params.yaml")
    assert error("submit") == "error: models/cnn.onnx is missing: run dvc repro (or dvc pull)\n"
    Path("models").mkdir()
    for model in ("mlp", "cnn"):
        Path(f"models/{model}.onnx").write_bytes(WHOLE)
    assert error("submit") == "error: data/prepared/test_images.npy is missing: run dvc repro\n"
    assert error("screen") == "error: data/prepared/train_images.npy is missing: run dvc repro\n"
    assert error("evaluate", "mlp") == "error: data/prepared/train_images.npy is missing: run dvc repro\n"
