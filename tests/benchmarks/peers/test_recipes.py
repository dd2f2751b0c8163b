import os
import subprocess
import sys
from math import prod

import numpy as np
import pytest

from benchmarks.peers.recipes import RECIPES, ours, with_keras
from stages.artifacts.errors import PipelineError
from stages.config.params import load_params
from stages.training.networks import build
from stages.training.tensorflow import keras
from tests.helpers.workspace import ROOT


@pytest.mark.slow
@pytest.mark.parametrize(("recipe", "held"), [("with_keras", False), ("with_sklearn", False), ("ours", True)])
def test_only_this_projects_recipes_restrict_the_instructions(recipe: str, held: bool):
    program = (
        f"import benchmarks.peers.fit, benchmarks.peers.recipes.{recipe}, os; print('ONEDNN_MAX_CPU_ISA' in os.environ)"
    )
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


def test_multiply_adds_of_this_projects_networks():
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
def test_keras_peers_have_the_published_number_of_parameters(network, published: int):
    assert network().count_params() == published


def test_torch_peer_has_the_published_number_of_parameters():
    pytest.importorskip("torch")
    from benchmarks.peers.recipes import with_torch

    network = with_torch.build_convnet()
    assert sum(weight.numel() for weight in network.parameters()) == 1_199_882
    assert with_torch.multiply_adds(network) == 676 * 9 * 32 + 576 * 9 * 32 * 64 + 9216 * 128 + 128 * 10
    probabilities = with_torch.predict(network, np.zeros((3, 28, 28), np.float32))
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)


@pytest.mark.parametrize("recipe", [recipe for recipe in RECIPES.values() if recipe.module == "ours"])
def test_changes_of_this_projects_recipes_are_valid_params(recipe, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    _, overrides = recipe.arguments
    changed = ours.load_changed(overrides)
    assert (changed == load_params()) == (not overrides)


def test_load_changed_checks_the_params(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    assert ours.load_changed({"models.mlp.augment.zoom": 0.5}).models.mlp.augment.zoom == 0.5
    with pytest.raises(PipelineError, match=r"models\.mlp\.epoch: unknown key"):
        ours.load_changed({"models.mlp.epoch": 2})
