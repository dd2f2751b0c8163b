import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.peers import __main__ as peers
from benchmarks.peers import fit
from benchmarks.peers.recipes import Trained
from stages.artifacts import arrays
from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import normalise
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import save_prepared
from tests.helpers.peers_rows import row
from tests.helpers.workspace import ROOT


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digits: Table) -> Path:
    """A folder with params.yaml and prepared digits, in which commands of the project run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    shutil.copy(ROOT / "params.yaml", tmp_path)
    images = normalise(digits.pixels)
    subsets = {"train": slice(1200), "validation": slice(1200, 1400), "test": slice(1400, None)}
    save_prepared({subset: Digits(images[rows], digits.labels[rows]) for subset, rows in subsets.items()})
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["peers", *arguments])
    peers.main()


def test_result_is_of_the_first_10_000_images():
    labels = np.array([3] * 10_000 + [4] * 5, np.uint8)
    probabilities = np.full((10_000, 10), 0.05, np.float32)
    probabilities[:, 3] = 0.55
    trained = Trained(lambda images: probabilities[: len(images)], 7, 100, epochs=4, fit_seconds=8.0, looks=5)
    result = fit.result(trained, Digits(np.zeros((10_005, 28, 28), np.float32), labels))
    assert result["accuracy"] == 1
    assert result["nll"] == pytest.approx(-np.log(0.55))
    assert result["multiply_adds"] == 5 * 100


def test_main_fits_every_recipe_with_one_seed_a_round_and_keeps_the_results_if_interrupted(
    folder, monkeypatch: pytest.MonkeyPatch
):
    fitted = []

    def interrupted(name: str, seed: int, *rest: object) -> dict[str, Any]:
        if len(fitted) == 3:
            raise KeyboardInterrupt
        fitted.append((name, seed))
        return row(name, seed)

    monkeypatch.setattr(peers, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(monkeypatch, "--only", "plain-mlp", "mlp", "-o", "made")
    assert fitted == [("plain-mlp", 100), ("mlp", 100), ("plain-mlp", 200)]
    assert [(kept["name"], kept["seed"]) for kept in json.loads(Path("made/peers.json").read_text())["rows"]] == fitted
    assert Path("made/peers.md").read_text().count("this project's `mlp`") == 1


def test_main_fits_a_recipe_of_once_in_the_first_round_only(folder, monkeypatch: pytest.MonkeyPatch, capsys):
    fitted = []
    monkeypatch.setattr(peers, "fit", lambda name, seed, *rest: fitted.append((name, seed)) or row(name, seed))
    run(monkeypatch, "--only", "plain-mlp", "cnn", "mlp", "--once", "cnn", "--seeds", "2", "-o", "made")
    assert fitted == [("plain-mlp", 100), ("cnn", 100), ("mlp", 100), ("plain-mlp", 200), ("mlp", 200)]
    assert "0 of 5 fits left" in capsys.readouterr().out


@pytest.mark.slow
def test_main_fits_real_digits_and_writes_both_files(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    names = ("sklearn-mlp", "kaggle-convnet", "mlp")
    run(monkeypatch, "--only", *names, "--seeds", "1", "--epochs", "3", "-o", "made")
    sklearn, convnet, mlp = json.loads(Path("made/peers.json").read_text())["rows"]
    assert sklearn["parameters"] == 784 * 100 + 100 + 100 * 10 + 10
    assert mlp["parameters"] == 109_386
    assert sklearn["images_per_second"] is None
    assert mlp["images_per_second"] > convnet["images_per_second"] > 0
    assert mlp["multiply_adds"] == 784 * 128 + 128 * 64 + 64 * 10
    assert convnet["multiply_adds"] == 15_162_752
    for fitted in (sklearn, mlp):  # the convnet needs more than these few batches
        assert 0.3 < fitted["accuracy"] < 1
    for fitted in (sklearn, convnet, mlp):
        assert fitted["epochs"] == 3
        assert 0 < fitted["fit_seconds"] < fitted["seconds"]
    printed = capsys.readouterr().out
    assert "sklearn-mlp, seed 100: " in printed
    assert "; 0 of 3 fits left" in printed
    assert Path("made/peers.md").read_text() in printed


def test_installed_skips_a_recipe_whose_library_is_missing_with_a_message(monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(peers, "find_spec", lambda package: None if package == "torch" else object())
    assert peers.installed(["mlp", "torch-convnet", "cnn"]) == ["mlp", "cnn"]
    assert "torch-convnet: skipped, torch is not installed" in capsys.readouterr().out


@pytest.mark.slow
def test_fit_reports_why_its_process_failed(folder: Path):
    Path("params.yaml").write_text("seed: 1\n")
    with pytest.raises(
        PipelineError, match=r"benchmarks\.peers\.fit sklearn-mlp --seed=1 --folder=\S+ failed:\nerror: params\.yaml: "
    ):
        peers.fit("sklearn-mlp", 1, None, 2, str(folder))


def test_main_refuses_missing_rows_and_other_data_than_mnist(folder: Path, monkeypatch: pytest.MonkeyPatch):
    arrays.images_path("validation").unlink()
    with pytest.raises(PipelineError, match=r"validation_images\.npy is missing: run dvc repro"):
        run(monkeypatch)
    params = Path("params.yaml")
    params.write_text(params.read_text().replace("data/mnist/test.csv", "data/test.csv"))
    with pytest.raises(PipelineError, match="this benchmark is about MNIST"):
        run(monkeypatch)
