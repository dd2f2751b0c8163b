"""A classifier with a fixed answer, for the page."""

import numpy as np

from stages.artifacts.images import CLASSES


class OneAnswer:
    """A classifier that always gives a 7 the same probability, and the rest to a 1."""

    def __init__(self, probability: float):
        self.row = np.full(CLASSES, 0, np.float32)
        self.row[[7, 1]] = probability, 1 - probability

    def predict(self, images: np.ndarray) -> np.ndarray:
        assert images.shape == (1, 28, 28)
        assert images.dtype == np.float32
        return self.row[np.newaxis]
