import json
import os
import shutil
import subprocess
import sys
from math import prod
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers import __main__ as peers
from benchmarks.peers import fit
from benchmarks.peers.recipes import RECIPES, Trained, ours, with_keras
from benchmarks.peers.table import markdown, ratio, spread
from stages.artifacts import arrays
from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import normalise
from stages.config.params import load_params
from stages.ingest.kaggle_csv import Table
from stages.training.networks import build
from stages.training.tensorflow import keras
from tests.helpers.datasets import save_prepared
from tests.helpers.workspace import ROOT


def row(name: str, seed: int, **values: float) -> dict[str, float | str]:
    usual = {"accuracy": 0.99, "nll": 0.03, "seconds": 20.0, "fit_seconds": 10.0, "parameters": 1234, "epochs": 2}
    speed = {"flops": 5e10, "share": 0.25, "multiply_adds": 5678, "images_per_second": 9000.0}
    return {"name": name, "seed": seed, **usual, **speed, **values}


def table(*rows: dict[str, float | str], epochs: int | None = None) -> list[str]:
    return markdown({"machine": "a machine", "threads": 2, "epochs": epochs, "rows": rows}).splitlines()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digits: Table) -> Path:
    """A folder with params.yaml and prepared digits, in which commands of the project run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(peers, "measure_peak", lambda threads: 1e11)  # the real one takes seconds
    shutil.copy(ROOT / "params.yaml", tmp_path)
    images = normalise(digits.pixels)
    subsets = {"train": slice(1200), "validation": slice(1200, 1400), "test": slice(1400, None)}
    save_prepared({subset: Digits(images[rows], digits.labels[rows]) for subset, rows in subsets.items()})
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["peers", *arguments])
    peers.main()


@pytest.mark.parametrize(("recipe", "held"), [("with_keras", False), ("with_sklearn", False), ("ours", True)])
def test_only_our_own_training_has_our_environment(recipe: str, held: bool):
    program = f"import benchmarks.peers.fit, benchmarks.recipes.{recipe}, os; print('ONEDNN_MAX_CPU_ISA' in os.environ)"
    untouched = {name: value for name, value in os.environ.items() if name != "ONEDNN_MAX_CPU_ISA"}
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=untouched, text=True, capture_output=True)
    assert finished.stdout.strip() == str(held)


def test_multiply_adds_are_kernels_times_positions():
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(4, 5, use_bias=False),
            layers.MaxPooling2D(),
            layers.BatchNormalization(),
            layers.Conv2D(6, 3, padding="same"),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    expected = 24 * 24 * (5 * 5 * 1 * 4) + 12 * 12 * (3 * 3 * 4 * 6) + 12 * 12 * 6 * 10
    assert with_keras.multiply_adds(network) == expected


def test_multiply_adds_of_the_projects_networks():
    mlp, cnn = (build(name, load_params(ROOT / "params.yaml").model(name), 1) for name in ("mlp", "cnn"))
    kernels = [weight.shape for weight in cnn.weights if len(weight.shape) == 4]
    assert with_keras.multiply_adds(mlp) == 784 * 128 + 128 * 64 + 64 * 10
    positions = [24 * 24, 12 * 12, 10 * 10, 3 * 3]
    convolutions = sum(prod(kernel) * count for kernel, count in zip(kernels, positions, strict=True))
    assert with_keras.multiply_adds(cnn) == convolutions + 9 * kernels[-1][-1] * 10


@pytest.mark.parametrize(
    ("network", "published"),
    [
        (with_keras.build_convnet, 34_826),
        (with_keras.build_plain_mlp, 109_386),
        (with_keras.build_kaggle_convnet, 327_242),
    ],
)
def test_the_keras_peers_have_the_published_number_of_parameters(network, published: int):
    assert network().count_params() == published


def test_the_torch_peer_has_the_published_number_of_parameters():
    pytest.importorskip("torch")
    from benchmarks.peers.recipes import with_torch

    network = with_torch.build_convnet()
    assert sum(weight.numel() for weight in network.parameters()) == 1_199_882
    assert with_torch.multiply_adds(network) == 676 * 9 * 32 + 576 * 9 * 32 * 64 + 9216 * 128 + 128 * 10
    probabilities = with_torch.predict(network, np.zeros((3, 28, 28), np.float32))
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)


def test_a_result_is_scored_on_the_first_10_000_images_and_counts_six_operations_a_multiply_add():
    labels = np.array([3] * 10_000 + [4] * 5, np.uint8)
    probabilities = np.full((10_000, 10), 0.05, np.float32)
    probabilities[:, 3] = 0.55
    trained = Trained(lambda images: probabilities[: len(images)], 7, 100, epochs=4, fit_seconds=8.0, looks=5)
    result = fit.result(trained, images=50, test=Digits(np.zeros((10_005, 28, 28), np.float32), labels))
    assert result["accuracy"] == 1
    assert result["nll"] == pytest.approx(-np.log(0.55))
    assert result["flops"] == 6 * 100 * 50 * 4 / 8  # of the training, which looks once
    assert result["multiply_adds"] == 500


def test_the_table_shows_the_spread_the_ratios_and_the_share():
    rows = [row("cnn", 100, accuracy=0.995), row("cnn", 200, accuracy=0.996, fit_seconds=11.0, seconds=22.0)]
    rows += [row("keras-convnet", 100, fit_seconds=20.0), row("keras-convnet", 200, fit_seconds=20.0)]
    lines = table(*rows)
    assert [line.split(" | ")[0] for line in lines[2:4]] == [f"| {RECIPES[n].title}" for n in ("keras-convnet", "cnn")]
    figures = "99.55 ± 0.07 | 0.0300 ± 0.0000 | 2 | 2 | 1,234 | 5,678 | 9,000 | 10.5 | 0.53 |  | 25 %"
    assert lines[3] == f"| this project's `cnn` | {figures} |"
    assert lines[-1] == "Machine: a machine; its peak: 200 GFLOP/s."
    assert {line.count(" | ") for line in lines[:4]} == {11}


def test_what_no_onnx_file_was_made_of_has_no_speed():
    assert "| 5,678 |  | 10.0 |" in table(row("plain-mlp", 100), row("sklearn-mlp", 100, images_per_second=None))[3]


def test_a_trial_says_that_it_is_one():
    assert "trial" in "\n".join(table(row("mlp", 100), epochs=1))
    assert "trial" not in "\n".join(table(row("mlp", 100)))


def test_a_ratio_is_the_median_of_those_within_a_round():
    own = [row("cnn", seed, seconds=seconds) for seed, seconds in [(1, 10.0), (2, 30.0), (3, 12.0), (4, 99.0)]]
    reference = [row("keras-convnet", seed, seconds=seconds) for seed, seconds in [(1, 20.0), (2, 20.0), (3, 20.0)]]
    assert ratio(own, reference, "seconds") == 0.6
    assert ratio(own, [], "seconds") is None


def test_spread_is_the_sample_standard_deviation():
    assert spread([1.0, 2.0, 3.0], 2) == "2.00 ± 1.00"
    assert spread([1.0], 1) == "1.0"


@pytest.mark.parametrize("recipe", [recipe for recipe in RECIPES.values() if recipe.module == "ours"])
def test_the_changes_of_our_recipes_are_valid_params(recipe, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    _, overrides = recipe.arguments
    changed = ours.load_changed(overrides)
    assert (changed == load_params()) == (not overrides)


def test_changed_params_are_checked_as_a_file_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    assert ours.load_changed({"models.mlp.augment.zoom": 0.5}).models.mlp.augment.zoom == 0.5
    with pytest.raises(PipelineError, match=r"models\.mlp\.epoch: unknown key"):
        ours.load_changed({"models.mlp.epoch": 2})


def test_every_round_fits_one_seed_of_every_recipe_and_what_is_done_is_kept(folder, monkeypatch: pytest.MonkeyPatch):
    fitted = []

    def interrupted(name: str, seed: int, *rest: object) -> dict[str, float | str]:
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


def test_a_long_recipe_may_be_fitted_in_the_first_round_alone(folder, monkeypatch: pytest.MonkeyPatch, capsys):
    fitted = []
    monkeypatch.setattr(peers, "fit", lambda name, seed, *rest: fitted.append((name, seed)) or row(name, seed))
    run(monkeypatch, "--only", "plain-mlp", "cnn", "mlp", "--once", "cnn", "--seeds", "2", "-o", "made")
    assert fitted == [("plain-mlp", 100), ("cnn", 100), ("mlp", 100), ("plain-mlp", 200), ("mlp", 200)]
    assert "0 of 5 fits left" in capsys.readouterr().out


def test_fits_on_real_digits_end_to_end(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    names = ("sklearn-mlp", "kaggle-convnet", "mlp")
    run(monkeypatch, "--only", *names, "--seeds", "1", "--epochs", "3", "-o", "made")
    sklearn, convnet, mlp = json.loads(Path("made/peers.json").read_text())["rows"]
    assert sklearn["parameters"] == 784 * 100 + 100 + 100 * 10 + 10
    assert mlp["parameters"] == 109_386
    assert sklearn["images_per_second"] is None
    assert mlp["images_per_second"] > convnet["images_per_second"] > 0
    assert (mlp["multiply_adds"], convnet["multiply_adds"]) == (784 * 128 + 128 * 64 + 64 * 10, 15_162_752)
    for fitted in (sklearn, convnet, mlp):
        assert fitted["epochs"] == 3 and 0.3 < fitted["accuracy"] < 1
        assert 0 < fitted["fit_seconds"] < fitted["seconds"]
        assert fitted["share"] == pytest.approx(fitted["flops"] / 1e11)
    printed = capsys.readouterr().out
    assert "sklearn-mlp, seed 100: " in printed and "; 0 of 3 fits left" in printed
    assert Path("made/peers.md").read_text() in printed


def test_a_recipe_whose_library_is_missing_is_skipped_with_a_word(monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(peers, "find_spec", lambda package: None if package == "torch" else object())
    assert peers.installed(["mlp", "torch-convnet", "cnn"]) == ["mlp", "cnn"]
    assert "torch-convnet: skipped, torch is not installed" in capsys.readouterr().out


def test_what_stops_a_fit_is_said(folder: Path):
    Path("params.yaml").write_text("seed: 1\n")
    with pytest.raises(
        PipelineError, match=r"benchmarks\.fit sklearn-mlp --seed=1 --folder=\S+ failed:\nerror: params\.yaml: "
    ):
        peers.fit("sklearn-mlp", 1, None, 2, 1e11, str(folder))


def test_missing_rows_and_other_images_are_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch):
    arrays.images_path("validation").unlink()
    with pytest.raises(PipelineError, match=r"validation_images\.npy is missing: run dvc repro"):
        run(monkeypatch)
    params = Path("params.yaml")
    params.write_text(params.read_text().replace("data/mnist/test.csv", "data/test.csv"))
    with pytest.raises(PipelineError, match="this benchmark is of MNIST"):
        run(monkeypatch)


def test_the_committed_table_is_that_of_the_committed_rows():
    made = ROOT / "benchmarks/peers.json"
    if not made.is_file():
        pytest.skip("the benchmark's results are not committed")
    assert (ROOT / "benchmarks/peers.md").read_text() == markdown(json.loads(made.read_text()))
