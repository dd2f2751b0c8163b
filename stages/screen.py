"""Stage `screen`: fit a small network that tells digits from anything else, and save it as `.onnx`.

It learns from training images, redrawn and drawn digits, and from made-up non-digits: letters, scribbles, pieces of
digits, shapes, textures. A probability of half is the threshold at which `screen.kept` of the validation digits pass.
"""

import stages.config.environment  # noqa: F401

import numpy as np
import pandas as pd

from stages.artifacts import arrays, paths
from stages.artifacts.arrays import Digits
from stages.artifacts.errors import run
from stages.artifacts.images import normalise
from stages.artifacts.results import save_table
from stages.config.params import load_params
from stages.inference.classifier import OnnxClassifier
from stages.screening import non_digits
from stages.screening.classes import CLASSES, DIGIT, LEAST, NON_DIGIT
from stages.screening.examples import examples, sample

_THREADS = 2
_OF_EACH_KIND = 300  # non-digits that it did not learn from


def main() -> None:
    params = load_params()
    settings = params.screen
    train, validation = arrays.load("train"), arrays.load("validation")
    learned = examples(sample(train, settings.examples, params.seed), settings.examples, params.seed)
    digits = sample(validation, _OF_EACH_KIND * len(non_digits.KINDS), params.seed)
    shown = {"digit": digits.images} | made_up(digits, params.seed)
    from stages.screening import fitting  # TensorFlow, which takes seconds to import
    from stages.training import assembly, export, tensorflow

    tensorflow.configure(_THREADS, params.deterministic)
    weights = fitting.fit(learned, held_out(shown), settings.epochs, params.seed)
    model = fitting.at_threshold(weights, validation, settings.kept)
    export.save_onnx(model, paths.SCREEN)
    screen = OnnxClassifier(paths.SCREEN, params.threads, params.deterministic, CLASSES)
    assembly.check_onnx(assembly.predict(model, validation), screen.predict(validation.images))
    table = passed({kind: screen.predict(normalise(images))[:, DIGIT] for kind, images in shown.items()})
    save_table(paths.plots("screen") / "passed.csv", table)
    print(table.to_string(index=False))


def made_up(digits: Digits, seed: int) -> dict[str, np.ndarray]:
    """Return (300, 28, 28) uint8 non-digits of each kind, from other digits than the screen learns from."""
    random = np.random.RandomState([seed, 3])
    return {
        kind: np.stack([non_digits.make(kind, digits, random) for _ in range(_OF_EACH_KIND)])
        for kind in non_digits.KINDS
    }


def held_out(shown: dict[str, np.ndarray]) -> Digits:
    """Return the images of all kinds, labelled."""
    labels = [np.full(len(images), DIGIT if kind == "digit" else NON_DIGIT) for kind, images in shown.items()]
    return Digits(normalise(np.concatenate(list(shown.values()))), np.concatenate(labels).astype(np.uint8))


def passed(probabilities: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return the share of each kind that is classified as a digit, given its (n,) probabilities of being one."""
    shares = [{"kind": kind, "passed": float((of_kind >= LEAST).mean())} for kind, of_kind in probabilities.items()]
    return pd.DataFrame(shares)


if __name__ == "__main__":
    run(main, __doc__)
