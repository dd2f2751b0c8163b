"""A trained network as the stages after `train` and the app use it: an ONNX model run by onnxruntime.

Never imports TensorFlow: a process that predicts starts in a fraction of a second.
"""

from pathlib import Path

import numpy as np
import onnxruntime

from stages.artifacts.errors import PipelineError
from stages.artifacts.images import CLASSES, SIDE

PARAMETERS = "parameters"  # the key in the ONNX metadata under which `train` stores their number

_BATCH = 1000  # images


class OnnxClassifier:
    """Predicts the digit in an image, or another class of it."""

    def __init__(self, path: Path, threads: int, deterministic: bool = False, classes: int = CLASSES):
        """Load `path`. Raises PipelineError if it is missing, or not a model of 28x28 images and that many classes.

        deterministic: the same bits on every x86-64 CPU with AVX2, at up to twice the time. Without it, onnxruntime
        arranges convolutions in blocks as wide as the CPU's vectors, and each kind sums in another order.
        A damaged weight goes unseen here, as ONNX has no checksum: `dvc status` finds it.
        """
        if not path.is_file():
            raise PipelineError(
                f"{path} is {'not a file' if path.exists() else 'missing'}: run dvc repro (or dvc pull)"
            )
        self._path, self._classes = path, classes
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        if deterministic:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.log_severity_level = 4  # its errors are raised; nothing else is worth a line
        try:
            providers = ["CPUExecutionProvider"]
            self._session = onnxruntime.InferenceSession(path, options, providers, enable_fallback=False)
            self._parameters = self._session.get_modelmeta().custom_metadata_map.get(PARAMETERS, "")
            values = [*self._session.get_inputs(), *self._session.get_outputs()]
            found = [(value.name, value.type, value.shape[1:]) for value in values]
        except Exception as error:  # onnxruntime's errors share no base class
            raise PipelineError(f"{path} is not a readable ONNX model ({_in_a_line(error)}): run dvc repro") from None
        expected = [("images", "tensor(float)", [SIDE, SIDE]), ("probabilities", "tensor(float)", [classes])]
        if found != expected:
            raise PipelineError(f"{path}: expected a model of {expected}, found {found}: run dvc repro")

    @property
    def parameters(self) -> int:
        """The number of weights, as Keras counts them."""
        if not self._parameters.isdecimal():
            raise PipelineError(f"{self._path}: expected the number of {PARAMETERS} in its metadata: run dvc repro")
        return int(self._parameters)

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Return (n, classes) float32 probabilities for (n, 28, 28) float32 images in [0, 1].

        Raises PipelineError if the model gives none.
        """
        batches = [images[start : start + _BATCH] for start in range(0, len(images), _BATCH)]
        try:
            outputs = [self._session.run(None, {"images": batch})[0] for batch in batches]
            probabilities = np.concatenate([np.empty((0, self._classes), np.float32), *outputs])
        except Exception as error:
            raise PipelineError(f"{self._path} cannot be run ({_in_a_line(error)}): run dvc repro") from None
        sums = probabilities.sum(axis=1)
        if len(sums) != len(images) or not (np.abs(sums - 1) < 1e-3).all():  # not if it is NaN
            raise PipelineError(f"{self._path} predicts no probabilities: damaged, or did it diverge? Run dvc repro")
        return probabilities


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())
