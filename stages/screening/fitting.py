"""How the network that screens is trained, and where its threshold lies."""

import numpy as np

from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from stages.artifacts.paths import ModelName
from stages.config.params import AugmentParams, CnnParams, DistillationParams
from stages.screening.classes import CLASSES, DIGIT, NON_DIGIT
from stages.training import assembly, networks
from stages.training.fit import fit_network
from stages.training.tensorflow import keras

_NAME: ModelName = "cnn"  # the layers of that network, with fewer channels
_RECIPE = CnnParams(
    teacher="none",
    layers=[8, 16, 32, 48],
    dropout=0.2,
    epochs=1,
    batch_size=128,
    optimizer="adamw",
    learning_rate=0.006,
    warmup=0.15,
    weight_decay=0.0005,
    members=1,
    threads=2,
    test_shift=0,
    augment=AugmentParams(
        rotation=10.0, zoom=0.1, shear=0.12, shift=1.2, elastic=0.0, final_epochs=1, final_strength=0.5
    ),
    distillation=DistillationParams(temperature=1.0, label_share=1.0, teacher_epochs=2, variation=0.0),
)  # its own: a change of the cnn's in params.yaml does not train this one again


def fit(examples: Digits, held_out: Digits, epochs: int, seed: int) -> list[np.ndarray]:
    """Return the weights of a network trained on images with the labels 1 (a digit) and 0 (anything else).

    held_out: such images for the figures of each epoch. Call `tensorflow.configure` before.
    """
    recipe = _RECIPE.changed(epochs=epochs)
    return fit_network(_NAME, recipe, examples, held_out, seed, "screen", classes=CLASSES).weights


def at_threshold(weights: list[np.ndarray], digits: Digits, kept: float) -> keras.Model:
    """Return a model of (n, 2) probabilities in which a share `kept` of the digits has LEAST or more for DIGIT.

    Raises PipelineError if the training diverged.
    """
    logits = assembly.predict(networks.rebuild(_NAME, _RECIPE, weights, CLASSES), digits)
    margins = logits[:, DIGIT] - logits[:, NON_DIGIT]
    if not np.isfinite(margins).all():
        raise PipelineError("the training of the screen diverged: it gives NaN; are there enough training images?")
    *others, bias = weights
    shifted = bias.copy()
    shifted[DIGIT] -= threshold(margins, kept)
    return networks.inference_model([networks.rebuild(_NAME, _RECIPE, [*others, shifted], CLASSES)], 1.0, 0)


def threshold(margins: np.ndarray, kept: float) -> float:
    """Return the largest of (n,) values, or a little less, that a share `kept` of them reaches."""
    return float(np.quantile(margins, 1 - kept, method="lower"))
