import dataclasses

import numpy as np
import pandas as pd
import pytest

from stages import networks, train
from stages.calibration import at_temperature, fit_temperature
from stages.errors import PipelineError
from stages.images import normalise
from stages.kaggle_csv import Table
from stages.params import ModelParams, load_params
from stages.prepared import Digits
from stages.training import Fit
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def params() -> ModelParams:
    return dataclasses.replace(load_params(ROOT / "params.yaml").models.mlp, layers=(8,))


@pytest.fixture(scope="module")
def validation(digits: Table) -> Digits:
    return Digits(normalise(digits.pixels), digits.labels)


@pytest.mark.parametrize("shift", [0, 1])
def test_the_model_is_calibrated_after_averaging(shift: int, params: ModelParams, validation: Digits):
    fits = [Fit(networks.build("mlp", params, seed).get_weights(), pd.DataFrame()) for seed in (1, 2)]
    model = train.assemble("mlp", dataclasses.replace(params, test_shift=shift), fits, validation)
    members = [networks.rebuild("mlp", params, fit.weights) for fit in fits]
    averaged = train.predict(networks.classifier(members, 1.0, shift), validation)
    expected = at_temperature(averaged, fit_temperature(validation.labels, averaged))
    assert np.allclose(train.predict(model, validation), expected, atol=1e-5)
    assert not np.allclose(averaged, expected, atol=0.01)


def test_histories_are_averaged_by_epoch():
    histories = [pd.DataFrame({"epoch": [1, 2], "loss": [a, 2 * a]}) for a in (1.0, 3.0)]
    assert train.mean_history(histories).to_dict("list") == {"epoch": [1, 2], "loss": [2.0, 4.0]}


@pytest.mark.parametrize("difference", [0.001, np.nan])
def test_an_onnx_model_that_differs_is_refused(difference: float):
    expected = np.full((3, 10), 0.1, np.float32)
    train.check_onnx(expected, expected + np.float32(1e-6))
    with pytest.raises(PipelineError, match=rf"off by {difference:g}"):
        train.check_onnx(expected, expected + np.float32(difference))
