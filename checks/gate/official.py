"""MNIST's 10,000 official test images, the first rows of the test.csv that download makes, and their doubtful labels.

The other rows of that test.csv come from MNIST's training set, so the people who wrote the training rows wrote them.
"""

from typing import NamedTuple

from checks.gate.results import Results
from checks.gate.statistics import Share
from stages.artifacts import paths
from stages.config.params import DataParams

MNIST = DataParams(  # made by download
    train_csv=paths.MNIST_TRAIN_CSV.as_posix(), test_csv=paths.MNIST_TEST_CSV.as_posix()
)
IMAGES = 10_000
# Indices, from 0, of the images whose label fewer than three of five people confirmed. Source: Northcutt, Athalye,
# Mueller, 2021, arXiv:2103.14749; github.com/cleanlab/label-errors, mturk/mnist_mturk.json.
DOUBTFUL = (947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729)


class Official(NamedTuple):
    """One network on the official test images alone."""

    correct: Share
    doubtful: int  # mistakes on images whose label is doubtful

    @property
    def wrong(self) -> int:
        return self.correct.whole - self.correct.part


def read_official(data: DataParams, results: Results) -> Official | None:
    """Return None if the results are not of the official images."""
    if data != MNIST or results.subset != "test":
        return None
    correct = results.correct[:IMAGES]
    return Official(Share(int(correct.sum()), len(correct)), int((~correct[list(DOUBTFUL)]).sum()))
