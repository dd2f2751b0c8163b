"""Calibration of a network that does not exist, in three bins."""

import numpy as np

from stages.evaluation.metrics import Reliability

BINS = Reliability(
    confidence=np.array([0.7, 0.99, 1.0]),
    accuracy=np.array([0.6, 0.98, 1.0]),
    accuracy_low=np.array([0.5, 0.95, 0.999]),
    accuracy_high=np.array([0.7, 0.99, 1.0]),
    images=np.array([90, 300, 4000]),
)
