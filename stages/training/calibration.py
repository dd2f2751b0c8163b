"""Temperature scaling: calibrates a network's probabilities on images that it was not trained on."""

import numpy as np
from scipy.optimize import minimize_scalar

from stages.inference.losses import losses

_HOTTEST = 10.0  # and the coldest is its inverse
_SPREAD = 0.5  # standard deviation of the prior on the logarithm of the temperature


def fit_temperature(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the most likely temperature of (n, 10) probabilities, given (n,) labels: that of the least cross-entropy.

    Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML 2017. The prior favours
    temperatures near 1: thousands of images outweigh it, but a few that are all predicted correctly do not make the
    network certain.
    """
    bound = np.log(_HOTTEST)
    found = minimize_scalar(
        lambda log: losses(labels, at_temperature(probabilities, np.exp(log))).sum() + (log / _SPREAD) ** 2 / 2,
        bounds=(-bound, bound),
        method="bounded",
    )
    return float(np.exp(found.x))


def at_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return softmax(log(p) / temperature) of (n, 10) probabilities: above 1 less confident, below 1 more."""
    powers = probabilities.astype(np.float64) ** (1 / temperature)
    return powers / powers.sum(axis=1, keepdims=True)
