import dataclasses

import numpy as np
import pandas as pd
import pytest

from stages import networks, train
from stages.calibration import fit_temperature
from stages.errors import PipelineError
from stages.images import normalise
from stages.kaggle_csv import Table
from stages.params import ModelParams, load_params
from stages.prepared import Digits
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def params() -> ModelParams:
    return dataclasses.replace(load_params(ROOT / "params.yaml").models.mlp, layers=(8,))


@pytest.fixture(scope="module")
def validation(digits: Table) -> Digits:
    return Digits(normalise(digits.pixels), digits.labels)


@pytest.mark.parametrize("shift", [0, 1])
def test_the_model_is_calibrated_after_averaging(shift: int, params: ModelParams, validation: Digits):
    members = [networks.build("mlp", params, seed) for seed in (1, 2)]
    model = train.calibrate(members, validation, shift)
    again = fit_temperature(validation.labels, model.predict(validation.images, verbose=0))
    assert again == pytest.approx(1, abs=1e-3) or again > 9  # untrained: as good as chance wants it as soft as can be


def test_histories_are_averaged_by_epoch():
    histories = [pd.DataFrame({"epoch": [1, 2], "loss": [a, 2 * a]}) for a in (1.0, 3.0)]
    assert train.mean_history(histories).to_dict("list") == {"epoch": [1, 2], "loss": [2.0, 4.0]}


def test_an_onnx_model_that_differs_is_refused(params: ModelParams, validation: Digits):
    model = networks.classifier([networks.build("mlp", params, seed=1)], 1.0, 0)

    class Other:
        def predict(self, images: np.ndarray) -> np.ndarray:
            return model.predict(images, verbose=0) + np.float32(0.001)

    with pytest.raises(PipelineError, match=r"off by 0\.001"):
        train.check_onnx(model, Other(), validation.images)
