"""Which digit is in an image? Prints one line per image: path, digit and probability, separated by tabs.

Reads PNG, JPEG, WebP, BMP, TIFF and whatever else Pillow does, and `-` from standard input. An image that cannot be
read gets an error line, and the others are predicted all the same. Imports neither TensorFlow nor DVC.
"""

import argparse
import glob
import io
import json
import os
import sys
from typing import Any, NamedTuple, get_args

import numpy as np
from tqdm import tqdm

from app.image_files import read_pixels, silence_pillow
from stages.artifacts import paths
from stages.artifacts.errors import PipelineError, run
from stages.artifacts.images import normalise
from stages.artifacts.paths import ModelName
from stages.inference.classifier import OnnxClassifier

STANDARD_INPUT = "-"
_BATCH = 256  # images


class Prediction(NamedTuple):
    path: str
    probabilities: np.ndarray  # (10,) float32

    def most_likely(self, count: int) -> list[tuple[int, float]]:
        """Return the `count` most likely digits with their probabilities, the most likely first."""
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(int(digit), round(float(self.probabilities[digit]), 6)) for digit in order]


def main() -> int:
    arguments = parse_arguments()
    silence_pillow()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a path may hold what the terminal's encoding does not
    classifier = OnnxClassifier(paths.onnx_model(arguments.model), threads=os.cpu_count() or 1)
    return print_predictions(arguments, classifier)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m app.predict",
        description=__doc__,
        epilog="exit status: 0 every image was predicted; 1 some were not (why, in a line each on stderr)",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="a file, a pattern such as 'scans/*.png', or -")
    parser.add_argument("--model", choices=get_args(ModelName), default="cnn", help="default: cnn")
    parser.add_argument(
        "--top", type=int, choices=range(1, 11), default=1, metavar="K", help="the K most likely digits"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    return parser.parse_args()


def print_predictions(arguments: argparse.Namespace, classifier: OnnxClassifier) -> int:
    """Predict and print all images, batch by batch; return the exit status."""
    images = expand(arguments.images)
    predictions = []
    with tqdm(total=len(images), unit="image", disable=len(images) < _BATCH or not sys.stderr.isatty()) as progress:
        for start in range(0, len(images), _BATCH):
            batch = images[start : start + _BATCH]
            for prediction in predict(batch, classifier):
                predictions.append(prediction)
                if not arguments.json:
                    tqdm.write(as_line(prediction, arguments.top), file=sys.stdout)
            progress.update(len(batch))
    if arguments.json:
        print(json.dumps([as_tree(prediction, arguments.top) for prediction in predictions], indent=2))
    return 0 if len(predictions) == len(images) else 1


def expand(images: list[str]) -> list[str]:
    """Expand patterns, if the shell did not; one that matches nothing stays, and is then a missing file."""
    return [path for image in images for path in (not os.path.exists(image) and sorted(glob.glob(image))) or [image]]


def predict(images: list[str], classifier: OnnxClassifier) -> list[Prediction]:
    """Predict the images that can be read; print an error line for each of the others."""
    read: dict[int, np.ndarray] = {}
    for i, path in enumerate(images):
        try:
            read[i] = read_pixels(io.BytesIO(sys.stdin.buffer.read()) if path == STANDARD_INPUT else path)
        except PipelineError as error:
            print(f"error: {path}: {error}", file=sys.stderr)
    if not read:
        return []
    probabilities = classifier.predict(normalise(np.stack(list(read.values()))))
    return [Prediction(images[i], row) for i, row in zip(read, probabilities, strict=True)]


def as_line(prediction: Prediction, top: int) -> str:
    pairs = (f"{digit}\t{probability:.4f}" for digit, probability in prediction.most_likely(top))
    return "\t".join([prediction.path, *pairs])


def as_tree(prediction: Prediction, top: int) -> dict[str, Any]:
    (digit, probability), *_ = likely = prediction.most_likely(top)
    tree = {"path": prediction.path, "number": str(digit), "digit": digit, "probability": probability}
    return tree | {"top": [dict(zip(("digit", "probability"), pair, strict=True)) for pair in likely]}


if __name__ == "__main__":
    run(main)
