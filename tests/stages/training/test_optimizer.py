from typing import get_args

import numpy as np
import pytest

from stages.config.params import ModelParams, OptimizerName, load_params
from stages.training import optimizer
from stages.training.tensorflow import keras
from tests.helpers.workspace import ROOT


@pytest.fixture(scope="module")
def params() -> ModelParams:
    return load_params(ROOT / "params.yaml").models.mlp.changed(epochs=3)


@pytest.mark.parametrize("name", get_args(OptimizerName))
def test_every_optimizer_takes_the_params(name: OptimizerName, params: ModelParams):
    schedule = optimizer.make_schedule(params, steps_per_epoch=10)
    made = optimizer.make_optimizer(params.changed(optimizer=name), schedule)
    weights = keras.Variable(np.ones((4, 4), np.float32))
    for _ in range(3):
        made.apply([np.ones((4, 4), np.float32)], [weights])
    assert type(made).__name__.lower() == name
    assert made.weight_decay == params.weight_decay
    assert np.isfinite(weights.numpy()).all() and (weights.numpy() != 1).all()


@pytest.mark.parametrize("warmup", [0.0, 0.3, 1.0])
def test_the_rate_rises_to_the_peak_and_falls_to_zero(warmup: float, params: ModelParams):
    schedule = optimizer.make_schedule(params.changed(warmup=warmup, learning_rate=0.5), 10)
    rates = np.array([float(schedule(step)) for step in range(31)])
    peak = round(30 * min(warmup, 29 / 30))
    assert rates.argmax() == peak and rates.max() == pytest.approx(0.5, abs=0.01)
    assert (np.diff(rates[: peak + 1]) > 0).all() and (np.diff(rates[peak:]) < 0).all()
    assert rates[-1] == pytest.approx(0, abs=1e-6)
