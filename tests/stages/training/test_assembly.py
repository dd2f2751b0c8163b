import numpy as np
import pandas as pd
import pytest

from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import normalise
from stages.config.params import ModelParams, load_params
from stages.ingest.kaggle_csv import Table
from stages.training import assembly, networks
from stages.training.calibration import at_temperature, fit_temperature
from stages.training.fit import Fit
from tests.helpers.workspace import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def params() -> ModelParams:
    return load_params(ROOT / "params.yaml").models.mlp.changed(layers=[8])


@pytest.fixture(scope="module")
def validation(digits: Table) -> Digits:
    return Digits(normalise(digits.pixels), digits.labels)


@pytest.mark.parametrize("shift", [0, 1])
def test_the_model_is_calibrated_after_averaging(shift: int, params: ModelParams, validation: Digits):
    fits = [Fit(networks.build("mlp", params, seed).get_weights(), 1, pd.DataFrame()) for seed in (1, 2)]
    model = assembly.assemble("mlp", params.changed(test_shift=shift), fits, validation)
    members = [networks.rebuild("mlp", params, fit.weights) for fit in fits]
    averaged = assembly.predict(networks.inference_model(members, 1.0, shift), validation)
    expected = at_temperature(averaged, fit_temperature(validation.labels, averaged))
    assert np.allclose(assembly.predict(model, validation), expected, atol=1e-5)
    assert not np.allclose(averaged, expected, atol=0.01)


@pytest.mark.parametrize("difference", [0.001, np.nan])
def test_an_onnx_model_that_differs_is_refused(difference: float):
    expected = np.full((3, 10), 0.1, np.float32)
    assembly.check_onnx(expected, expected + np.float32(1e-6))
    with pytest.raises(PipelineError, match=rf"off by {difference:g}"):
        assembly.check_onnx(expected, expected + np.float32(difference))


def spread(correct: int, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities of 100 images: that number correct, each with that confidence."""
    labels = np.arange(100) % 10
    said = np.where(np.arange(100) < correct, labels, (labels + 1) % 10)
    return labels, np.where(np.eye(10)[said] == 1, confidence, (1 - confidence) / 9)


@pytest.mark.parametrize(
    ("correct", "confidence", "steps"),
    [(49, 0.3, 100), (20, 0.9999, 2), (20, np.nan, 2), (90, np.nan, 2)],
    ids=["under half", "worse than a guess after a few steps", "NaN", "NaN where it was right"],
)
def test_a_training_that_diverged_is_an_error(correct: int, confidence: float, steps: int):
    with pytest.raises(PipelineError, match=r"diverged.*lower models\.cnn\.learning_rate"):
        assembly.check_learning("cnn", *spread(correct, confidence), steps)


@pytest.mark.parametrize(("correct", "steps", "note"), [(50, 100, ""), (30, 99, "note: after 99 steps 30.0% of")])
def test_a_training_that_learnt_or_was_short_is_none(correct: int, steps: int, note: str, capsys):
    assembly.check_learning("mlp", *spread(correct, 0.3), steps)
    assert capsys.readouterr().out.startswith(note)
