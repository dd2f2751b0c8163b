"""One temperature that makes a network's probabilities honest, fitted on images it was not trained on."""

import numpy as np
from scipy.optimize import minimize_scalar

from stages.inference.losses import losses

_HOTTEST = 10.0  # and the coldest is its inverse
_SPREAD = 0.5  # of the logarithm of temperatures before any image is seen, as a standard deviation


def fit_temperature(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the likeliest temperature of (n, 10) probabilities, given (n,) labels: where their cross-entropy is least.

    Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML 2017. Before any image is seen, a
    temperature near 1 is likelier: thousands of images outweigh that, but a few that are all predicted right do not ask
    for certainty.
    """
    bound = np.log(_HOTTEST)
    found = minimize_scalar(
        lambda log: losses(labels, at_temperature(probabilities, np.exp(log))).sum() + (log / _SPREAD) ** 2 / 2,
        bounds=(-bound, bound),
        method="bounded",
    )
    return float(np.exp(found.x))


def at_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return softmax(log(p) / temperature) of (n, 10) probabilities: above 1 they are less sure, below 1 surer."""
    powers = probabilities.astype(np.float64) ** (1 / temperature)
    return powers / powers.sum(axis=1, keepdims=True)
