"""The loss of predicted probabilities, image by image."""

import numpy as np

SMALLEST = np.finfo(np.float32).tiny  # so a probability that float32 rounded to 0 costs 87 nats, not infinitely many


def losses(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return (n,) float64: the cross-entropy of each image in nats. Their mean is the negative log-likelihood."""
    of_the_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return -np.log(np.maximum(of_the_label, SMALLEST)) + 0.0  # + 0.0 as -log(1) is -0
