"""Stage `submit`: the predictions of one network for test.csv, as Kaggle's competitions on digits expect them."""

import stages.config.environment  # noqa: F401

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from stages.artifacts import arrays, image_ids, paths
from stages.artifacts.errors import run
from stages.artifacts.files import atomic_write
from stages.config.params import load_params
from stages.inference.classifier import OnnxClassifier

SUBMISSION = Path("data/submission.csv")
NOT_FOR_KAGGLE = (
    "This file is not for Kaggle, whose test.csv has other rows: to submit there, set data in params.yaml to Kaggle's "
    "CSVs (see docs/own-data.md)"
)


def main() -> None:
    params = load_params()
    classifier = OnnxClassifier(paths.onnx_model(params.submit.model), params.threads, params.deterministic)
    predicted = predict(classifier)
    with atomic_write(SUBMISSION) as partial:
        write_submission(partial, image_ids.read(len(predicted)), predicted)
    print(summary(len(predicted), params.submit.model, params.data.test_csv))


def predict(classifier: OnnxClassifier) -> np.ndarray:
    """Return the (n,) uint8 most likely digits of the test images, predicted block by block."""
    blocks = arrays.image_blocks("test")
    return np.concatenate([classifier.predict(images).argmax(axis=1).astype(np.uint8) for images in blocks])


def write_submission(path: Path, ids: Iterator[str], predicted: np.ndarray) -> None:
    """Write (n,) predicted digits, in the order of test.csv. `ids`: the name of their column, then one per digit."""
    name = next(ids)
    label = "label" if name == "id" else "Label"  # as in Kannada-MNIST; as in Digit Recognizer
    with path.open("w", newline="\n") as stream:
        stream.write(f"{name},{label}\n")
        stream.writelines(f"{image_id},{digit}\n" for image_id, digit in zip(ids, predicted, strict=True))


def summary(rows: int, model: str, test_csv: str) -> str:
    """Return what was written, and for the default data that Kaggle cannot score it."""
    written = f"{SUBMISSION}: {rows:,} predictions of {model}"
    return f"{written}\n{NOT_FOR_KAGGLE}" if Path(test_csv) == paths.MNIST_TEST_CSV else written


if __name__ == "__main__":
    run(main, __doc__)
