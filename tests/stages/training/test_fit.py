import numpy as np
import pytest

from stages.artifacts.arrays import Digits
from stages.config.params import ModelParams, load_params
from stages.training import fit, input_pipeline, networks
from stages.training.fit import ShardedBatches, fit_network, refresh_batchnorm_statistics, steps_per_execution
from stages.training.tensorflow import keras
from tests.helpers.workspace import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def params() -> ModelParams:
    committed = load_params(ROOT / "params.yaml").models.mlp
    return committed.changed(layers=[8], epochs=3, batch_size=100)


@pytest.fixture
def cnn() -> keras.Sequential:
    return networks.build("cnn", load_params(ROOT / "params.yaml").models.cnn, seed=1)


def test_training_learns_and_logs_every_epoch(params: ModelParams, subsets, capsys):
    fit = fit_network("mlp", params, *subsets, seed=1, title="mlp 2/3")
    assert list(fit.history.columns) == ["epoch", "accuracy", "loss", "val_accuracy", "val_loss", "learning_rate"]
    assert fit.history.epoch.tolist() == [1, 2, 3]
    assert fit.history.accuracy.iloc[-1] > fit.history.accuracy.iloc[0] > 0.1
    assert len([line for line in capsys.readouterr().out.splitlines() if line.startswith("mlp 2/3: epoch ")]) == 3


def test_few_images_are_one_batch(params: ModelParams, subsets):
    few = Digits(*(part[:30] for part in subsets[0]))
    fit = fit_network("mlp", params, few, subsets[1], seed=1, title="mlp")
    assert fit.history.loss.notna().all() and fit.history.learning_rate.iloc[-1] == 0


def test_a_training_ends_with_the_epoch_that_gives_nan(params: ModelParams, subsets):
    train, validation = subsets
    without = Digits(np.full_like(train.images, np.nan), train.labels)
    assert len(fit_network("mlp", params, without, validation, seed=1, title="mlp").history) == 1


@pytest.mark.parametrize(("steps", "expected"), [(148, 37), (296, 37), (60, 60), (97, 1), (1, 1)])
def test_calls_into_tensorflow_divide_the_epoch(steps: int, expected: int):
    assert steps_per_execution(steps) == expected


def test_each_shard_of_a_batch_is_normalised_by_itself(params: ModelParams, subsets):
    network, twin = (networks.build("mlp", params, seed=1) for _ in range(2))
    images = subsets[0].images[:7]
    in_shards = ShardedBatches(network, shards=2)(images, training=True)
    one_by_one = [twin(shard, training=True) for shard in (images[:4], images[4:])]
    np.testing.assert_array_equal(in_shards, np.concatenate(one_by_one))
    assert not np.allclose(in_shards, networks.build("mlp", params, seed=1)(images, training=True))


def test_shards_make_no_difference_to_predictions(cnn: keras.Sequential, subsets):
    images = subsets[0].images[:5]
    np.testing.assert_array_equal(ShardedBatches(cnn, shards=2)(images), cnn(images))


def test_recalibration_takes_the_statistics_of_the_images_as_they_are(monkeypatch, cnn: keras.Sequential, subsets):
    monkeypatch.setattr(fit, "_IMAGES_FOR_STATISTICS", 500)  # of 1050: every third is taken ...
    monkeypatch.setattr(input_pipeline, "_IN_ORDER", 70)  # ... in five batches
    before = cnn(subsets[1].images).numpy()
    refresh_batchnorm_statistics(cnn, subsets[0])
    *first, norm = cnn.layers[:4]
    assert isinstance(norm, keras.layers.BatchNormalization)
    values = subsets[0].images[::3]
    for layer in first:
        values = layer(values)
    np.testing.assert_allclose(norm.moving_mean, np.mean(values, axis=(0, 1, 2)), atol=1e-5)
    np.testing.assert_allclose(norm.moving_variance, np.var(values, axis=(0, 1, 2)), rtol=0.02)
    assert not np.allclose(before, cnn(subsets[1].images))
