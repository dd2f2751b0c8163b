"""How much that is not a digit passes for one, by the cnn's probability and by the screen: benchmarks/non_digits.md.

Each at the threshold that keeps 99 % of MNIST's official test images, and the screen as it is saved. No training has
seen these images. Needs `dvc repro`. Letters need OpenCV (requirements-app.txt), and Fashion-MNIST comes from Debian's
package dataset-fashion-mnist: without them these rows are left out.
"""

import stages.config.environment  # noqa: F401

import argparse
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from benchmarks import non_digit_drawings as drawings
from benchmarks.strokes import image
from checks.gate import official as mnist
from checks.markdown import table
from stages.artifacts import arrays, paths
from stages.artifacts.errors import run
from stages.artifacts.images import CLASSES, SIDE, normalise
from stages.config.params import load_params
from stages.inference.classifier import OnnxClassifier
from stages.screening import classes
from stages.screening.mnist_form import form

FASHION = Path("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz")

_KEPT = 0.99  # of the official test images
_HEADER = 16  # bytes of an IDX file of images
_SEED = 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.non_digits", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=Path("benchmarks"), metavar="DIR")
    output = parser.parse_args().output
    threads = load_params().threads
    cnn = OnnxClassifier(paths.onnx_model("cnn"), threads)
    screen = OnnxClassifier(paths.SCREEN, threads, classes=classes.CLASSES)
    test = arrays.load("test")
    official = np.asarray(test.images[: mnist.IMAGES])
    labels = test.labels[: mnist.IMAGES]
    thresholds = np.quantile(scores(cnn, screen, official), 1 - _KEPT, axis=1)
    kinds = {"official test images": official} | dict(pictures(official))
    shares = {kind: passed(scores(cnn, screen, images), thresholds) for kind, images in kinds.items()}
    rows = [[kind, f"{len(kinds[kind]):,}", *(f"{share:.1%}" for share in of_kind)] for kind, of_kind in shares.items()]
    headings = ["classified as a digit", "images", "cnn, 99 % kept", "screen, 99 % kept", "screen as saved"]
    others = load_digits()
    by_digit = [
        ["official test images", *by_label(screen, official, labels)],
        ["scikit-learn's digits", *by_label(screen, kinds["scikit-learn's digits"], others.target)],
    ]
    report = (
        f"{table(headings, rows)}\n\n{table(['passed by the screen as saved', *map(str, range(CLASSES))], by_digit)}\n"
    )
    print(report)
    (output / "non_digits.md").write_text(report, encoding="utf-8")


def scores(cnn: OnnxClassifier, screen: OnnxClassifier, images: np.ndarray) -> np.ndarray:
    """Return (2, n): how sure the cnn is of its digit, and the screen that it is one."""
    return np.stack([cnn.predict(images).max(axis=1), screen.predict(images)[:, classes.DIGIT]])


def passed(of_images: np.ndarray, thresholds: np.ndarray) -> list[float]:
    """Return the share of (2, n) scores at or above two thresholds, and that of the screen at half."""
    return [*(of_images >= thresholds[:, None]).mean(axis=1), (of_images[1] >= classes.LEAST).mean()]


def by_label(screen: OnnxClassifier, images: np.ndarray, labels: np.ndarray) -> list[str]:
    accepted = screen.predict(images)[:, classes.DIGIT] >= classes.LEAST
    return [f"{accepted[labels == digit].mean():.1%}" for digit in range(CLASSES)]


def pictures(official: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name of each kind and its (n, 28, 28) float32 images, digits of other people first."""
    enlarged = (drawings.enlarged((of_one * 255 / 16).astype(np.uint8), 20) for of_one in load_digits().images)
    yield "scikit-learn's digits", as_input(enlarged)
    yield "digits drawn by a mouse", as_input(255 - np.asarray(image(digit)) for digit in range(CLASSES))
    random = np.random.RandomState(_SEED)
    yield "scribbles", as_input(drawings.scribble(random) for _ in range(1000))
    pixels = np.rint(official[:2000] * 255).astype(np.uint8)
    yield "halves of test digits", as_input(drawings.half(digit, random) for digit in pixels)
    try:
        letters = drawings.letters(random)
    except ImportError:
        print("note: no letters, as OpenCV is not installed: pip install -r requirements-app.txt", file=sys.stderr)
    else:
        yield from ((kind, as_input(iter(inks))) for kind, inks in letters.items())
    if FASHION.is_file():
        clothes = np.frombuffer(gzip.decompress(FASHION.read_bytes())[_HEADER:], np.uint8).reshape(-1, SIDE, SIDE)
        yield "Fashion-MNIST", as_input(iter(clothes))
    else:
        print(f"note: no {FASHION}: apt-get install dataset-fashion-mnist", file=sys.stderr)


def as_input(inks: Iterator[np.ndarray]) -> np.ndarray:
    """Return (n, 28, 28) float32 images in [0, 1] of inks, brought into MNIST's form; those without ink left out."""
    forms = (form(ink) for ink in inks)
    return normalise(np.stack([image for image in forms if image is not None]))


if __name__ == "__main__":
    run(main)
