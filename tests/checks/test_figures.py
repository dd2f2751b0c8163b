"""Measures that Git holds as one figure of a network."""

from dataclasses import replace

import pytest
import yaml

from checks.gate.figures import read_figure
from checks.gate.snapshot import Snapshot, of_workspace
from stages.artifacts.errors import PipelineError
from stages.evaluation import robustness
from stages.ingest.gate_params import CORRUPTIONS
from tests.helpers.workspace import ROOT

CALIBRATION = b"subset,brier,ece,ece_low,ece_high\nvalidation,0.3,0.03,0,0\ntest,0.25,0.02,0,0\n"
CURVE = b"sigma,accuracy\n0.00000,1.00000\n1.00000,0.90000\n3.00000,0.50000\n"
LOCK = {"stages": {"train@cnn": {"outs": [{"path": "models/cnn.onnx", "md5": "0", "size": 1234}]}}}
SIDE = Snapshot(
    "base",
    "0" * 40,
    {
        "plots/cnn/calibration.csv": CALIBRATION,
        "plots/cnn/robustness/blur.csv": CURVE,
        "dvc.lock": yaml.safe_dump(LOCK).encode(),
    },
)


@pytest.mark.parametrize(
    ("name", "value"),
    [("brier", 0.25), ("ece", 0.02), ("robustness.blur", (0.95 + 2 * 0.7) / 3), ("model_bytes", 1234)],
)
def test_a_figure_is_read_from_what_git_holds(name: str, value: float):
    assert read_figure(SIDE, "cnn", "test", name) == pytest.approx(value)


def test_a_figure_is_that_of_the_subset():
    assert read_figure(SIDE, "cnn", "validation", "brier") == 0.3


def test_each_corruption_has_a_curve():
    assert set(CORRUPTIONS) == set(robustness.CORRUPTIONS)


@pytest.mark.parametrize("name", ["brier", "ece", *(f"robustness.{name}" for name in CORRUPTIONS), "model_bytes"])
def test_the_committed_figures_are_read(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    assert read_figure(of_workspace(), "cnn", "test", name) > 0


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("plots/cnn/calibration.csv", b"subset,brier\nvalidation,0.3\n", "brier"),
        ("plots/cnn/calibration.csv", b"subset,brier\ntest,nan\n", "brier"),
        ("plots/cnn/calibration.csv", b"subset,brier\ntest,0.25\n", "ece"),
        ("plots/cnn/calibration.csv", b"\xff", "ece"),
        ("plots/cnn/robustness/blur.csv", b"sigma,accuracy\n", "robustness.blur"),
        ("plots/cnn/robustness/blur.csv", b"sigma,accuracy\n0,1\n", "robustness.blur"),
        ("plots/cnn/robustness/blur.csv", b"sigma,accuracy\n0,1\n1\n", "robustness.blur"),
        ("plots/cnn/robustness/blur.csv", b"sigma,accuracy\n0,1,2\n1,1,2\n", "robustness.blur"),
    ],
)
def test_a_malformed_file_is_an_error_that_names_it(path: str, text: bytes, name: str):
    with pytest.raises(PipelineError, match=f"{path} of base is malformed"):
        read_figure(replace(SIDE, files={**SIDE.files, path: text}), "cnn", "test", name)


def test_a_missing_file_is_an_error_that_names_it():
    with pytest.raises(PipelineError, match=r"base has no plots/cnn/robustness/noise\.csv"):
        read_figure(SIDE, "cnn", "test", "robustness.noise")


@pytest.mark.parametrize("lock", [b"", b"stages: {train@cnn: {outs: 3}}", b"stages: {train@cnn: {outs: [{path: a}]}}"])
def test_a_lock_without_the_size_is_an_error(lock: bytes):
    with pytest.raises(PipelineError, match=r"dvc\.lock of base has no size of models/cnn\.onnx"):
        read_figure(replace(SIDE, files={"dvc.lock": lock}), "cnn", "test", "model_bytes")
