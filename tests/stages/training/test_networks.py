import random

import numpy as np
import pytest

from stages.artifacts.images import normalise
from stages.artifacts.paths import ModelName
from stages.config.params import ModelParams, load_params
from stages.ingest.kaggle_csv import Table
from stages.training import networks
from stages.training.calibration import at_temperature
from stages.training.tensorflow import keras
from tests.helpers.workspace import ROOT

PARAMS = load_params(ROOT / "params.yaml")


@pytest.fixture(scope="module")
def images(digits: Table) -> np.ndarray:
    return normalise(digits.pixels[:32])


def build_random(name: ModelName, params: ModelParams, seed: int = 0) -> keras.Sequential:
    """A network in which no weight has a special value: BatchNorm's would be 0 and 1 before training."""
    network = networks.build(name, params, seed=1)
    values = np.random.RandomState(seed)
    network.set_weights([values.uniform(0.05, 0.15, weight.shape) for weight in network.get_weights()])
    return network


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_folding_keeps_the_probabilities(name: ModelName, images: np.ndarray):
    params = PARAMS.model(name)
    small = params.changed(layers=[max(2, width // 16) for width in params.layers])
    network = build_random(name, small)
    logits = network.predict(images, verbose=0)
    expected = np.asarray(keras.ops.softmax(logits))
    assert 0.01 < expected.std() < 0.5 or np.ptp(expected) > 0.01
    assert np.allclose(networks.inference_model([network], 1.0, 0).predict(images, verbose=0), expected, atol=1e-5)


def test_the_mlp_is_the_classic_one():
    model = networks.inference_model([networks.build("mlp", PARAMS.models.mlp, seed=1)], 1.0, 0)
    assert [weights.shape for weights in model.get_weights()] == [
        (784, 128), (128,), (128, 64), (64,), (64, 10), (10,),
    ]  # fmt: skip
    assert model.count_params() == 109_386


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_another_number_of_classes_changes_the_last_layer_alone(name: ModelName):
    params = PARAMS.model(name).changed(layers=[2, 3, 4, 5])
    of_digits = networks.build(name, params, seed=1).get_weights()
    of_two = networks.build(name, params, seed=1, classes=2).get_weights()
    assert all(map(np.array_equal, of_two[:-2], of_digits[:-2]))
    assert [weights.shape[-1] for weights in of_two[-2:]] == [2, 2]
    rebuilt = networks.rebuild(name, params, of_two, classes=2)
    assert networks.inference_model([rebuilt], 1.0, 0).output_shape == (None, 2)


def test_the_cnn_has_its_layers():
    model = networks.inference_model([networks.build("cnn", PARAMS.models.cnn, seed=1)], 1.0, 0)
    convolutions = [layer.filters for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert convolutions == PARAMS.models.cnn.layers
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers)
    assert model.count_params() == 69_146


def test_members_are_averaged(images: np.ndarray):
    params = PARAMS.models.mlp.changed(layers=[4])
    members = [build_random("mlp", params, seed) for seed in range(3)]
    each = [networks.inference_model([member], 1.0, 0).predict(images, verbose=0) for member in members]
    together = networks.inference_model(members, 1.0, 0).predict(images, verbose=0)
    assert np.allclose(together, np.mean(each, axis=0), atol=1e-6)


@pytest.mark.parametrize("count", [1, 2])
def test_the_temperature_is_that_of_the_averaged_probabilities(count: int, images: np.ndarray):
    params = PARAMS.models.mlp.changed(layers=[4])
    members = [build_random("mlp", params, seed) for seed in range(count)]
    plain = networks.inference_model(members, 1.0, 0).predict(images, verbose=0)
    softened = networks.inference_model(members, 2.5, 0).predict(images, verbose=0)
    assert np.allclose(softened, at_temperature(plain, 2.5), atol=1e-6)
    assert not np.allclose(softened, plain, atol=1e-3)


def test_a_probability_of_nought_stays_one():
    members = [networks.build("mlp", PARAMS.models.mlp.changed(layers=[4]), seed) for seed in (1, 2)]
    for member in members:
        kernel, bias = member.layers[-1].get_weights()
        member.layers[-1].set_weights([kernel * 0, bias + np.where(np.arange(10) == 3, 500, 0)])
    found = networks.inference_model(members, 2.0, 0).predict(np.zeros((1, 28, 28), np.float32), verbose=0)
    assert np.array_equal(found, np.eye(10)[[3]])


def test_shifted_views_are_averaged(images: np.ndarray):
    member = build_random("mlp", PARAMS.models.mlp.changed(layers=[4]))
    alone = networks.inference_model([member], 1.0, 0)
    assert not images[:, [0, -1]].any() and not images[:, :, [0, -1]].any()  # so that rolling is shifting
    views = [
        np.roll(images, by, axis=(1, 2)) for by in [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]
    ]  # no ink at the edge
    expected = np.mean([alone.predict(view, verbose=0) for view in views], axis=0)
    assert np.allclose(networks.inference_model([member], 1.0, 1).predict(images, verbose=0), expected, atol=1e-6)


def test_weights_hang_on_the_seed_alone():
    def weights(seed: int) -> list[np.ndarray]:
        return networks.build("mlp", PARAMS.models.mlp, seed).get_weights()

    expected = weights(1)
    random.seed(5)
    keras.utils.set_random_seed(5)
    assert all(map(np.array_equal, weights(1), expected))
    assert not np.array_equal(weights(2)[0], expected[0])
    assert expected[0].std() != pytest.approx(expected[6].std(), rel=0.01)


@pytest.mark.parametrize("shape", [(8, 5, 5, 4), (200, 4)], ids=["fused", "dense"])
def test_the_batch_norm_is_keras_own(shape: tuple[int, ...]):
    inputs = np.random.RandomState(0).normal(2, 3, shape).astype(np.float32)
    norm, own = networks.BatchNorm(momentum=0.5), keras.layers.BatchNormalization(momentum=0.5)
    for training in (True, True, False):
        assert np.allclose(norm(inputs, training=training), own(inputs, training=training), atol=0.01)
    assert not np.allclose(norm(inputs, training=True), norm(inputs, training=False), atol=0.1)
    own(inputs, training=True)
    for found, expected in zip(norm.get_weights(), own.get_weights(), strict=True):
        assert np.allclose(found, expected, rtol=0.01)  # the fused kernel's variance is the unbiased one


def test_the_cnns_scales_do_not_become_negative():
    """Or the largest of the scaled values, which pooling after the fold takes, would not be the scaled largest."""
    norms = [
        layer for layer in networks.build("cnn", PARAMS.models.cnn, 1).layers if isinstance(layer, networks.BatchNorm)
    ]
    optimizer = keras.optimizers.SGD(5.0)
    scales = [norm.gamma for norm in norms]
    optimizer.apply([keras.ops.ones_like(scale) for scale in scales], scales)
    assert len(scales) == 4 and all((scale.numpy() == 0).all() for scale in scales)
