"""Stage `submit`: the predictions of one network for test.csv, in the form that Kaggle accepts."""

import stages.config.environment  # noqa: F401

from pathlib import Path

import numpy as np
import pandas as pd

from stages.artifacts import arrays, paths
from stages.artifacts.errors import PipelineError, run
from stages.artifacts.files import atomic_write
from stages.artifacts.images import CLASSES
from stages.config.params import load_params
from stages.inference.classifier import OnnxClassifier

SUBMISSION = Path("data/submission.csv")


def main() -> None:
    params = load_params()
    classifier = OnnxClassifier(paths.onnx_model(params.submit.model), params.threads, params.deterministic)
    predicted = predict(classifier)
    with atomic_write(SUBMISSION) as partial:
        write_submission(partial, predicted)
        check_submission(partial, rows=len(predicted))
    print(f"{SUBMISSION}: {len(predicted):,} predictions of {params.submit.model}")


def predict(classifier: OnnxClassifier) -> np.ndarray:
    """Return (n,) uint8: the most likely digit of each test image, predicted block by block."""
    blocks = arrays.image_blocks("test")
    return np.concatenate([classifier.predict(images).argmax(axis=1).astype(np.uint8) for images in blocks])


def write_submission(path: Path, predicted: np.ndarray) -> None:
    """Write ids from 1 in the order of test.csv, and (n,) predicted digits."""
    table = pd.DataFrame({"ImageId": np.arange(1, len(predicted) + 1), "Label": predicted})
    table.to_csv(path, index=False, lineterminator="\n")


def check_submission(path: Path, rows: int) -> None:
    """Read back what was written. Raises PipelineError where Kaggle would not accept it."""
    table = pd.read_csv(path, dtype=np.int64)
    if list(table.columns) != ["ImageId", "Label"]:
        raise PipelineError(f"{path}: expected the header ImageId,Label, found {','.join(table.columns)}")
    if not np.array_equal(table.ImageId, np.arange(1, rows + 1)):
        raise PipelineError(f"{path}: expected the ids 1 to {rows}, a row for each image of test.csv")
    if not table.Label.between(0, CLASSES - 1).all():
        raise PipelineError(f"{path}: expected labels from 0 to {CLASSES - 1}")


if __name__ == "__main__":
    run(main, __doc__)
