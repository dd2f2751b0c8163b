"""The committed model card, and the tables in it."""

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from checks import model_card as tables
from checks.gate.official import DOUBTFUL, IMAGES, MNIST
from checks.model_card import MODEL_CARD, PEERS, model_card
from stages.artifacts.errors import PipelineError
from stages.config.params import load_params
from tests.helpers.workspace import ROOT

SOURCES = ("params.yaml", "metrics", "plots", PEERS.as_posix())


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the workspace's results, as the current folder."""
    if load_params(ROOT / "params.yaml").data != MNIST:
        pytest.skip("the card describes networks trained on MNIST")
    for source in SOURCES:
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        (tmp_path / source).parent.mkdir(exist_ok=True)
        copy(ROOT / source, tmp_path / source)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_command() -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "checks.model_card"]
    return subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)


def rows(table: str) -> list[list[str]]:
    """Return the cells of a Markdown table, without its headings."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def predictions(wrong: list[int], images: int) -> dict[str, pd.DataFrame]:
    """Return those of two networks, of which the second makes no mistake: a 9 is classified as 4, the others as 0."""
    frame = pd.DataFrame({"actual": np.arange(images) % 10, "predicted": np.arange(images) % 10, "loss": 0.5})
    frame.loc[wrong, "predicted"] = np.where(frame.actual[wrong] == 9, 4, 0)
    frame.loc[wrong, "loss"] = 8.5
    both = {"mlp": frame, "cnn": frame.assign(predicted=frame.actual)}
    return {name: of.assign(wrong=of.actual != of.predicted) for name, of in both.items()}


def test_committed_card_is_not_stale(results: Path):
    """It belongs to the workspace or to the last commit: on some CPUs dvc repro changes the workspace."""
    committed = (ROOT / MODEL_CARD).read_text(encoding="utf-8")
    if model_card() != committed:
        archive = subprocess.run(["git", "archive", "HEAD", *SOURCES], cwd=ROOT, check=True, capture_output=True)
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
            files.extractall(results, filter="data")
        assert model_card() == committed, "run python -m checks.model_card"


@pytest.mark.slow
def test_command_writes_card(results: Path):
    assert run_command().stderr == ""
    assert (results / MODEL_CARD).read_text(encoding="utf-8") == model_card()


@pytest.mark.slow
def test_command_names_missing_file(results: Path):
    (results / "plots/mlp/digits.csv").unlink()
    finished = run_command()
    assert finished.returncode == 1
    assert finished.stderr == "error: plots/mlp/digits.csv: No such file or directory\n"


@pytest.mark.parametrize(
    ("path", "pattern", "new", "shown"),
    [
        ("params.yaml", r"epochs: \d+", "epochs: 7", "| epochs, batch size | 7, "),
        ("metrics/mlp.json", r'"parameters": \d+', '"parameters": 1234', "| parameters | 1,234 |"),
        ("benchmarks/peers.json", r'"machine": "', '"machine": "a new CPU; ', "\na new CPU:\n"),
    ],
)
def test_card_follows_the_files(results: Path, path: str, pattern: str, new: str, shown: str):
    text = re.sub(pattern, new, (results / path).read_text(encoding="utf-8"), count=1)
    (results / path).write_text(text, encoding="utf-8")
    assert shown in model_card()


def test_card_of_other_data_is_refused(results: Path):
    params = (results / "params.yaml").read_text(encoding="utf-8")
    (results / "params.yaml").write_text(params.replace("data/mnist/test.csv", "data/test.csv"), encoding="utf-8")
    with pytest.raises(PipelineError, match=r"data in params\.yaml is not MNIST"):
        model_card()


def test_accuracy_table_shows_official_images_apart():
    metrics = {"train": {"accuracy": 0.75, "loss": 0.1}, "test": {"accuracy": 0.5, "loss": 1}}
    columns = ["subset", "brier", "ece", "ece_low", "ece_high"]
    calibration = pd.DataFrame([["train", 0.1, 0.02, 0, 0.03], ["test", 0.2, 0.04, 0.01, 0.05]], columns=columns)
    of_test = predictions([1, 2, IMAGES + 1, IMAGES + 2], IMAGES + 500)
    found = rows(
        tables.accuracy_table({"mlp": metrics, "cnn": metrics}, {"mlp": calibration, "cnn": calibration}, of_test)
    )
    assert found[0] == ["`mlp`, train", "75.00%", "", "0.1000", "0.1000", "2.00%", "0.00% to 3.00%"]
    assert found[1][:4] == ["`mlp`, test", "50.00%", "99.90% to 99.99%", "1.0000"]
    assert found[2][:4] == ["`mlp`, test (official 10,000)", "99.98%", "99.93% to 99.99%", "0.5016"]
    assert [row[0] for row in found[3:]] == ["`cnn`, train", "`cnn`, test", "`cnn`, test (official 10,000)"]


def test_seeds_table_shows_spread_of_both_networks_alone():
    fits = pd.DataFrame(
        [["cnn", 0.5, 0.25, 60.0, 18], ["plain", 0.1, 9, 9, 9], ["cnn", 0.75, 0.25, 80.0, 18], ["mlp", 1, 1, 1, 1]],
        columns=["name", "accuracy", "nll", "fit_seconds", "epochs"],
    )
    mlp, cnn = rows(tables.seeds_table(fits))
    assert mlp[0] == "`mlp`"
    assert cnn == ["`cnn`", "62.50% ± 17.68%", "0.2500 ± 0.0000", "2", "18", "70 s"]


def test_confusions_table_begins_with_the_most_frequent():
    found = rows(tables.confusions_table(predictions([1, 9, 19], 40)))
    assert found == [["9 as 4: 2", ""], ["1 as 0: 1", ""]]


def test_robustness_table_has_strengths_above_accuracies():
    curve = pd.DataFrame({"pixels": [0.0, 9.5], "accuracy": [0.9, 0.123]})
    table = tables.robustness_table({"shift": {"mlp": curve, "cnn": curve}})
    assert table.splitlines()[0].split() == ["|", "**shift,", "pixels**", "|", "**0**", "|", "**9.5**", "|"]
    assert rows(table) == [["`mlp`", "90.0%", "12.3%"], ["`cnn`", "90.0%", "12.3%"]]


def test_doubtful_table_counts_mistakes_on_official_images():
    wrong = [DOUBTFUL[0], DOUBTFUL[-1], 5, IMAGES + 1]
    assert rows(tables.doubtful_table(predictions(wrong, IMAGES + 500))) == [["`mlp`", "3", "2"], ["`cnn`", "0", "0"]]
