import dataclasses
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from stages import networks, train
from stages.backend import keras
from stages.errors import PipelineError
from stages.images import normalise
from stages.kaggle_csv import Table
from stages.params import ModelParams, OptimizerName, load_params
from stages.prepared import Digits
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def params() -> ModelParams:
    committed = load_params(ROOT / "params.yaml").models.mlp
    return dataclasses.replace(committed, layers=(8,), epochs=3, batch_size=100)


@pytest.fixture(scope="module")
def subsets(digits: Table) -> tuple[Digits, Digits]:
    both = Digits(normalise(digits.pixels), digits.labels)
    return Digits(both.images[:1050], both.labels[:1050]), Digits(both.images[1050:], both.labels[1050:])


def test_training_learns_and_logs_every_epoch(params: ModelParams, subsets, capsys):
    [fit] = train.fit_members("mlp", params, *subsets, seed=1)
    assert list(fit.history.columns) == ["epoch", "accuracy", "loss", "val_accuracy", "val_loss", "learning_rate"]
    assert fit.history.epoch.tolist() == [1, 2, 3]
    assert fit.history.accuracy.iloc[-1] > fit.history.accuracy.iloc[0] > 0.1
    assert len([line for line in capsys.readouterr().out.splitlines() if line.startswith("mlp: epoch ")]) == 3


def test_the_seed_decides_and_members_differ_in_it(params: ModelParams, subsets):
    short = dataclasses.replace(params, epochs=1)
    first, second = train.fit_members("mlp", dataclasses.replace(short, members=2), *subsets, seed=1)
    [again] = train.fit_members("mlp", short, *subsets, seed=2)
    assert not np.array_equal(first.network.get_weights()[0], second.network.get_weights()[0])
    assert np.array_equal(again.network.get_weights()[0], second.network.get_weights()[0])


@pytest.mark.parametrize("optimizer", get_args(OptimizerName))
def test_every_optimizer_takes_the_params(optimizer: OptimizerName, params: ModelParams):
    schedule = train.one_cycle(params, steps_per_epoch=10)
    made = train.make_optimizer(dataclasses.replace(params, optimizer=optimizer), schedule)
    weights = keras.Variable(np.ones((4, 4), np.float32))
    for _ in range(3):
        made.apply([np.ones((4, 4), np.float32)], [weights])
    assert type(made).__name__.lower() == optimizer
    assert made.weight_decay == params.weight_decay
    assert np.isfinite(weights.numpy()).all() and (weights.numpy() != 1).all()


@pytest.mark.parametrize("warmup", [0.0, 0.3, 1.0])
def test_one_cycle_rises_to_the_peak_and_falls_to_zero(warmup: float, params: ModelParams):
    schedule = train.one_cycle(dataclasses.replace(params, warmup=warmup, learning_rate=0.5), steps_per_epoch=10)
    rates = np.array([float(schedule(step)) for step in range(31)])
    peak = round(30 * min(warmup, 29 / 30))
    assert rates.argmax() == peak and rates.max() == pytest.approx(0.5, abs=0.01)
    assert (np.diff(rates[: peak + 1]) > 0).all() and (np.diff(rates[peak:]) < 0).all()
    assert rates[-1] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("steps", "expected"), [(148, 37), (296, 37), (60, 60), (97, 1), (1, 1)])
def test_calls_into_tensorflow_divide_the_epoch(steps: int, expected: int):
    assert train.steps_per_execution(steps) == expected


def test_histories_are_averaged_by_epoch():
    histories = [pd.DataFrame({"epoch": [1, 2], "loss": [a, 2 * a]}) for a in (1.0, 3.0)]
    assert train.mean_history(histories).to_dict("list") == {"epoch": [1, 2], "loss": [2.0, 4.0]}


def test_an_onnx_model_that_differs_is_refused(params: ModelParams, subsets):
    model = networks.classifier([networks.build("mlp", params)])

    class Other:
        def predict(self, images: np.ndarray) -> np.ndarray:
            return model.predict(images, verbose=0) + np.float32(0.001)

    with pytest.raises(PipelineError, match=r"off by 0\.001"):
        train.check_onnx(model, Other(), subsets[1].images)
