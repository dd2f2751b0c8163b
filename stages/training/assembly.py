"""From trained networks to the saved model: averaged, calibrated, written as `.keras` and `.onnx`, and checked."""

from pathlib import Path

import numpy as np

from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from stages.artifacts.paths import ModelName
from stages.config.params import ModelParams
from stages.inference.classifier import OnnxClassifier
from stages.inference.losses import losses
from stages.training import export, input_pipeline, networks
from stages.training.calibration import fit_temperature
from stages.training.fit import Fit
from stages.training.tensorflow import keras

_ONNX_TOLERANCE = 1e-4  # of a probability, between Keras and onnxruntime
_LEAST_ACCURACY = 0.5  # on validation images, of a training that succeeded
_SHORT = 100  # steps: after fewer, a training may end below that accuracy
_WORSE_THAN_A_GUESS = 1.25 * np.log(10)  # nats: a guess costs log(10)


def assemble(name: ModelName, params: ModelParams, fits: list[Fit], validation: Digits) -> keras.Model:
    """Return the model that averages the trained networks, at the temperature that suits the validation images.

    Raises PipelineError if their training diverged.
    """
    keras.utils.clear_session()  # layers are named by a counter, which has counted the members trained in this process
    members = [networks.rebuild(name, params, fit.weights) for fit in fits]
    averaged = networks.inference_model(members, 1.0, params.test_shift)
    probabilities = predict(averaged, validation)
    check_learning(name, validation.labels, probabilities, min(fit.steps for fit in fits))
    temperature = fit_temperature(validation.labels, probabilities)
    print(f"calibrated on {len(validation.images):,} validation images: temperature {temperature:.3f}")
    return networks.inference_model(members, temperature, params.test_shift)


def check_learning(name: ModelName, labels: np.ndarray, probabilities: np.ndarray, steps: int) -> None:
    """Raise PipelineError if (n, 10) probabilities of (n,) labels are of a training that diverged.

    That is: NaN, or fewer than half of them correct. After a few steps a network may not have got further yet; then it
    has diverged if it is worse than a guess.
    """
    finite = bool(np.isfinite(probabilities).all())
    accuracy = float((probabilities.argmax(axis=1) == labels).mean())
    loss = float(losses(labels, probabilities).mean()) if finite else float("nan")
    found = (
        f"{accuracy:.1%} of the validation images are correct, at a loss of {loss:.3g}" if finite else "it gives NaN"
    )
    if finite and (accuracy >= _LEAST_ACCURACY or (steps < _SHORT and loss <= _WORSE_THAN_A_GUESS)):
        if accuracy < _LEAST_ACCURACY:
            print(f"note: after {steps} steps {found}: raise models.{name}.epochs")
        return
    raise PipelineError(
        f"the training of {name} diverged ({found}): lower models.{name}.learning_rate in params.yaml, or, if that "
        f"does not help, models.{name}.augment and dropout"
    )


def save(
    model: keras.Model, keras_path: Path, onnx_path: Path, validation: Digits, threads: int, deterministic: bool
) -> None:
    """Write both model files, and check with onnxruntime (see OnnxClassifier) that they predict the same."""
    export.save_keras(model, keras_path)
    export.save_onnx(model, onnx_path)
    check_onnx(predict(model, validation), OnnxClassifier(onnx_path, threads, deterministic).predict(validation.images))


def check_onnx(expected: np.ndarray, predicted: np.ndarray) -> None:
    """Raise PipelineError if the (n, 10) probabilities of the two model files differ by more than rounding does."""
    difference = np.abs(expected - predicted).max()
    if not difference <= _ONNX_TOLERANCE:  # also if it is NaN
        raise PipelineError(f"the ONNX model is off by {difference:g} from the Keras model; is the network diverging?")
    print(f"ONNX agrees with Keras on {len(predicted):,} validation images (largest difference {difference:.1e})")


def predict(model: keras.Model, digits: Digits) -> np.ndarray:
    """Return (n, 10) float32 probabilities."""
    return model.predict(input_pipeline.in_order(digits), verbose=0)
