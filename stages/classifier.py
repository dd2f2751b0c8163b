"""A trained network as the stages after `train`, and the apps, use it: an ONNX model run by onnxruntime.

Never imports TensorFlow: a process that predicts starts in a fraction of a second.
"""

from pathlib import Path

import numpy as np
import onnxruntime

from stages.errors import PipelineError
from stages.images import CLASSES

PARAMETERS = "parameters"  # the key in the ONNX metadata under which `train` notes their number

_BATCH = 1000  # images


class Classifier:
    """Predicts the digit in an image."""

    def __init__(self, path: Path, threads: int):
        """Load `path`. Raises PipelineError where there is no model, or none that onnxruntime can read."""
        if not path.is_file():
            raise PipelineError(f"{path} is missing: run dvc repro (or dvc pull)")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no base class
            raise PipelineError(f"{path} is not a readable ONNX model ({error}): run dvc repro") from None

    @property
    def parameters(self) -> int:
        """The number of weights, as Keras counts them."""
        return int(self._session.get_modelmeta().custom_metadata_map[PARAMETERS])

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Return (n, 10) float32 probabilities for (n, 28, 28) float32 images in [0, 1]."""
        batches = [images[start : start + _BATCH] for start in range(0, len(images), _BATCH)]
        probabilities = [self._session.run(None, {"images": batch})[0] for batch in batches]
        return np.concatenate([np.empty((0, CLASSES), np.float32), *probabilities])
