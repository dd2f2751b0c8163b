import numpy as np

from stages.artifacts.images import SIDE
from stages.ingest.kaggle_csv import Table
from stages.screening.mnist_form import BOX, CENTRE, form


def box(image: np.ndarray) -> tuple[int, int]:
    """Height and width of the ink."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def test_the_longer_side_becomes_20_pixels_and_the_brightest_255():
    for shape, expected in [((90, 45), (BOX, BOX // 2)), ((5, 10), (BOX // 2, BOX))]:
        ink = np.zeros((120, 120), np.uint8)
        ink[7 : 7 + shape[0], 50 : 50 + shape[1]] = 90
        image = form(ink)
        assert image.dtype == np.uint8
        assert image.shape == (SIDE, SIDE)
        assert box(image) == expected
        assert image.max() == 255


def test_the_centre_of_mass_comes_to_the_centre(digits: Table):
    ink = np.zeros((60, 60), np.uint8)
    ink[30:58, 2:30] = digits.pixels[0].reshape(SIDE, SIDE)
    image = form(ink).astype(float)
    centre = [(np.arange(SIDE) * image.sum(axis=axis)).sum() / image.sum() for axis in (0, 1)]
    assert np.allclose(centre, CENTRE, atol=0.5)


def test_without_ink_there_is_no_form():
    assert form(np.full((40, 40), 20, np.uint8)) is None
