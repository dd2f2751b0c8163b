"""MNIST's 10,000 official test images, the first rows of the test.csv that download makes, and their doubtful labels.

The other rows of that test.csv come from MNIST's training set, so the people who wrote the training rows wrote them.
"""

from stages.artifacts import paths
from stages.config.params import DataParams

MNIST = DataParams(  # made by download
    train_csv=paths.MNIST_TRAIN_CSV.as_posix(), test_csv=paths.MNIST_TEST_CSV.as_posix()
)
IMAGES = 10_000
ROWS = 28_000  # of that test.csv
# Indices, from 0, of the images whose label fewer than three of five people confirmed. Source: Northcutt, Athalye,
# Mueller, 2021, arXiv:2103.14749; github.com/cleanlab/label-errors, mturk/mnist_mturk.json.
DOUBTFUL = (947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729)
