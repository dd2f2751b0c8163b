import dataclasses

import numpy as np
import pytest

from stages import networks
from stages.backend import keras
from stages.images import normalise
from stages.kaggle_csv import Table
from stages.params import ModelName, ModelParams, load_params
from tests.conftest import ROOT

PARAMS = load_params(ROOT / "params.yaml")


@pytest.fixture(scope="module")
def images(digits: Table) -> np.ndarray:
    return normalise(digits.pixels[:32])


def build_random(name: ModelName, params: ModelParams, seed: int = 0) -> keras.Sequential:
    """A network in which no weight has a special value: BatchNorm's would be 0 and 1 before training."""
    network = networks.build(name, params)
    random = np.random.RandomState(seed)
    network.set_weights([random.uniform(0.05, 0.15, weight.shape) for weight in network.get_weights()])
    return network


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_folding_keeps_the_probabilities(name: ModelName, images: np.ndarray):
    params = PARAMS.model(name)
    small = dataclasses.replace(params, layers=tuple(max(2, width // 16) for width in params.layers))
    network = build_random(name, small)
    logits = network.predict(images, verbose=0)
    expected = np.asarray(keras.ops.softmax(logits))
    assert 0.01 < expected.std() < 0.5 or np.ptp(expected) > 0.01
    assert np.allclose(networks.classifier([network]).predict(images, verbose=0), expected, atol=1e-5)


def test_the_mlp_is_the_classic_one():
    model = networks.classifier([networks.build("mlp", PARAMS.models.mlp)])
    assert [weights.shape for weights in model.get_weights()] == [
        (784, 128), (128,), (128, 64), (64,), (64, 10), (10,),
    ]  # fmt: skip
    assert model.count_params() == 109_386


def test_the_cnn_has_its_layers():
    model = networks.classifier([networks.build("cnn", PARAMS.models.cnn)])
    convolutions = [layer.filters for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert tuple(convolutions) == PARAMS.models.cnn.layers
    assert model.count_params() == 69_338


def test_members_are_averaged(images: np.ndarray):
    params = dataclasses.replace(PARAMS.models.mlp, layers=(4,))
    members = [build_random("mlp", params, seed) for seed in range(3)]
    each = [networks.classifier([member]).predict(images, verbose=0) for member in members]
    together = networks.classifier(members).predict(images, verbose=0)
    assert np.allclose(together, np.mean(each, axis=0), atol=1e-6)


def test_the_fused_batch_norm_is_keras_own():
    random = np.random.RandomState(0)
    inputs = random.normal(2, 3, (8, 5, 5, 4)).astype(np.float32)
    fused, own = networks.FusedBatchNorm(momentum=0.5), keras.layers.BatchNormalization(momentum=0.5)
    assert np.allclose(fused(inputs, training=True), own(inputs, training=True), atol=1e-5)
    assert not np.allclose(fused(inputs, training=True), fused(inputs, training=False), atol=0.1)
    own(inputs, training=True)
    for found, expected in zip(fused.get_weights(), own.get_weights(), strict=True):
        assert np.allclose(found, expected, rtol=0.01)  # the fused kernel's variance is the unbiased one
