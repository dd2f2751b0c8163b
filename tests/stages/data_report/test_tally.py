import numpy as np
import pytest

from stages.data_report.tally import BINS, Tally, repeated_rows, sample_rows
from stages.ingest.kaggle_csv import Table


def tally(pixels: np.ndarray, labels: np.ndarray | None = None) -> Tally:
    counted = Tally()
    counted.add(pixels, np.empty(0, np.uint8) if labels is None else labels)
    return counted


def test_add_counts_the_same_in_blocks_of_any_size(digits: Table):
    whole, parts = tally(*digits), Tally()
    for start, stop in ((0, 1), (1, 1), (1, 300), (300, 1797)):
        parts.add(digits.pixels[start:stop], digits.labels[start:stop])
    assert parts.rows == whole.rows == 1797
    assert parts.ink == whole.ink
    assert np.array_equal(parts.images, whole.images)
    assert np.array_equal(parts.hashes, whole.hashes)
    assert np.array_equal(parts.ink_shares, whole.ink_shares)
    assert np.array_equal(parts.mean_images, whole.mean_images)


def test_counts_are_those_of_numpy(digits: Table):
    counted = tally(*digits)
    assert counted.images.tolist() == np.bincount(digits.labels).tolist()
    assert counted.ink == pytest.approx(digits.pixels.mean() / 255)
    ink = digits.pixels.mean(axis=1) / 255
    assert np.allclose(counted.ink_shares, np.histogram(ink, bins=BINS, range=(0, 1))[0] / 1797)
    threes = digits.pixels[digits.labels == 3].mean(axis=0) / 255
    assert np.allclose(counted.mean_images[3].ravel(), threes)


def test_blank_images_and_images_of_nothing_but_ink_are_in_the_outer_bins():
    counted = tally(np.repeat(np.array([[0], [0], [255], [1]], np.uint8), 784, axis=1))
    assert counted.blank == 2
    assert counted.ink_shares[[0, -1]].tolist() == [0.75, 0.25]
    assert counted.ink_shares.sum() == 1


def test_without_labels_there_are_no_images_of_a_digit(digits: Table):
    counted = tally(digits.pixels)
    assert counted.rows == 1797
    assert not counted.labelled
    assert not counted.mean_images.any()


def test_hashes_are_equal_if_all_pixels_are():
    pixels = np.zeros((4, 784), np.uint8)
    pixels[1, 783] = pixels[3, 783] = 1
    pixels[2, 0] = 1
    first, second, third, fourth = tally(pixels).hashes
    assert second == fourth
    assert len({first, second, third}) == 3


def test_repeated_rows_are_found_within_train_and_in_the_other_subsets(digits: Table):
    pixels = digits.pixels
    train = pixels[[0, 1, 2, 1, 3, 1]]
    tallies = {"train": tally(train), "validation": tally(pixels[[9, 3]]), "test": tally(pixels[[1, 8, 1]])}
    repeated = {kind: rows.tolist() for kind, rows in repeated_rows(tallies).items()}
    assert repeated == {"duplicates": [3, 5], "in_validation": [4], "in_test": [1, 3, 5]}


def test_nothing_is_repeated_among_different_images(digits: Table):
    parts = (("train", 0, 1000), ("validation", 1000, 1200), ("test", 1200, 1797))
    repeated = repeated_rows({subset: tally(digits.pixels[start:stop]) for subset, start, stop in parts})
    assert [len(rows) for rows in repeated.values()] == [0, 0, 0]


def test_sample_rows_are_different_images_of_each_digit(digits: Table):
    twice = np.concatenate([digits.pixels, digits.pixels]), np.concatenate([digits.labels, digits.labels])
    rows = sample_rows(tally(*twice).hashes, twice[1], 10)
    for digit, of_digit in enumerate(rows):
        assert set(twice[1][of_digit]) == {digit}
        assert len({image.tobytes() for image in twice[0][of_digit]}) == 10


def test_sample_rows_are_the_same_images_in_any_order(digits: Table):
    backwards = digits.pixels[::-1], digits.labels[::-1]
    rows, same = (sample_rows(tally(*both).hashes, both[1], 10) for both in (digits, backwards))
    assert [of_digit.tolist() for of_digit in rows] == [(1796 - of_digit).tolist() for of_digit in same]


def test_sample_rows_change_little_if_rows_are_added(digits: Table):
    hashes = tally(*digits).hashes
    before, after = sample_rows(hashes[:1700], digits.labels[:1700], 10), sample_rows(hashes, digits.labels, 10)
    kept = [len(set(old) & set(new)) for old, new in zip(before, after, strict=True)]
    assert min(kept) >= 7


def test_sample_rows_are_all_there_are_of_a_rare_digit(digits: Table):
    rows = sample_rows(tally(*digits).hashes[:12], digits.labels[:12], 10)
    assert [len(of_digit) for of_digit in rows] == np.bincount(digits.labels[:12], minlength=10).tolist()
