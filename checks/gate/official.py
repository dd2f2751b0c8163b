"""MNIST's 10,000 official test images, with which the test.csv that download makes begins, and their doubtful labels.

The rest of that test.csv comes from MNIST's training set, and so from the hands that wrote the training rows.
"""

from typing import NamedTuple

from checks.gate.results import Results
from checks.gate.shares import Share
from stages.artifacts import paths
from stages.config.params import DataParams

MNIST = DataParams(paths.MNIST_TRAIN_CSV.as_posix(), paths.MNIST_TEST_CSV.as_posix())  # that download makes
IMAGES = 10_000
# The images with whose label fewer than three of five people agreed, counted from 0. Source: Northcutt, Athalye,
# Mueller, 2021, arXiv:2103.14749; github.com/cleanlab/label-errors, mturk/mnist_mturk.json.
DOUBTFUL = (947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729)


class Official(NamedTuple):
    """One network on the official test images alone."""

    right: Share
    doubtful: int  # mistakes on images whose label is doubtful

    @property
    def wrong(self) -> int:
        return self.correct.whole - self.correct.part


def read_official(data: DataParams, results: Results) -> Official | None:
    """Return None where the results are not of the official images."""
    if data != MNIST or results.subset != "test":
        return None
    right = results.correct[:IMAGES]
    return Official(Share(int(right.sum()), len(right)), int((~right[list(DOUBTFUL)]).sum()))
