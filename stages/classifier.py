"""A trained network as the stages after `train`, and the apps, use it: an ONNX model run by onnxruntime.

Never imports TensorFlow: a process that predicts starts in a fraction of a second.
"""

from pathlib import Path

import numpy as np
import onnxruntime

from stages.errors import PipelineError
from stages.images import CLASSES, SIDE

PARAMETERS = "parameters"  # the key in the ONNX metadata under which `train` notes their number

_BATCH = 1000  # images
_INTERFACE = [("images", "tensor(float)", [SIDE, SIDE]), ("probabilities", "tensor(float)", [CLASSES])]


class Classifier:
    """Predicts the digit in an image."""

    def __init__(self, path: Path, threads: int):
        """Load `path`. Raises PipelineError where there is no model, or not one of 28x28 images and ten digits.

        A damaged weight cannot be seen here, as ONNX has no checksum: `dvc status` tells.
        """
        if not path.is_file():
            raise PipelineError(f"{path} is {'no file' if path.exists() else 'missing'}: run dvc repro (or dvc pull)")
        self._path = path
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no base class
            raise PipelineError(f"{path} is not a readable ONNX model ({error}): run dvc repro") from None
        found = [(value.name, value.type, value.shape[1:]) for value in self._session.get_inputs()]
        found += [(value.name, value.type, value.shape[1:]) for value in self._session.get_outputs()]
        if found != _INTERFACE:
            raise PipelineError(f"{path}: expected a model of {_INTERFACE}, found {found}: run dvc repro")

    @property
    def parameters(self) -> int:
        """The number of weights, as Keras counts them."""
        number = self._session.get_modelmeta().custom_metadata_map.get(PARAMETERS, "")
        if not number.isdecimal():
            raise PipelineError(f"{self._path}: expected the number of {PARAMETERS} in its metadata: run dvc repro")
        return int(number)

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Return (n, 10) float32 probabilities for (n, 28, 28) float32 images in [0, 1].

        Raises PipelineError where the model gives none.
        """
        batches = [images[start : start + _BATCH] for start in range(0, len(images), _BATCH)]
        try:
            outputs = [self._session.run(None, {"images": batch})[0] for batch in batches]
        except Exception as error:
            raise PipelineError(f"{self._path} cannot be run ({error}): run dvc repro") from None
        probabilities = np.concatenate([np.empty((0, CLASSES), np.float32), *outputs])
        if not (np.abs(probabilities.sum(axis=1) - 1) < 1e-3).all():  # nor is NaN
            raise PipelineError(f"{self._path} predicts no probabilities: damaged, or did it diverge? Run dvc repro")
        return probabilities
