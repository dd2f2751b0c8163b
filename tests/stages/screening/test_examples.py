import joblib
import numpy as np
import pytest

from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from stages.screening.classes import DIGIT, NON_DIGIT
from stages.screening.examples import examples, sample


def test_a_sample_has_rows_of_the_digits_with_their_labels(subsets: tuple[Digits, Digits]):
    train, _ = subsets
    found = sample(train, 100, seed=1)
    pixels = np.rint(train.images * 255).astype(np.uint8)
    rows = [np.flatnonzero((pixels == image).all(axis=(1, 2))) for image in found.images]
    assert all(label in train.labels[same] for label, same in zip(found.labels, rows, strict=True))
    assert len({int(same[0]) for same in rows}) > 95
    assert not np.array_equal(sample(train, 100, seed=2).images, found.images)


def test_a_sample_repeats_rows_if_there_are_too_few(subsets: tuple[Digits, Digits]):
    few = Digits(*(column[:30] for column in subsets[0]))
    assert sorted(np.unique(sample(few, 60, seed=1).images, axis=0, return_counts=True)[1]) == [2] * 30


def test_a_sample_leaves_out_blank_images(subsets: tuple[Digits, Digits]):
    images = subsets[0].images[:20].copy()
    images[:5] = 0
    assert len(sample(Digits(images, subsets[0].labels[:20]), 20, seed=1).images) == 15
    with pytest.raises(PipelineError, match=r"the training images have no ink"):
        sample(Digits(images[:5], subsets[0].labels[:5]), 5, seed=1)


def test_examples_are_half_digits_in_a_random_order(subsets: tuple[Digits, Digits]):
    found = examples(sample(subsets[0], 200, seed=1), 200, seed=1)
    assert found.images.dtype == np.float32
    assert found.images.min() == 0
    assert found.images.max() == 1
    assert np.bincount(found.labels).tolist() == [200, 200]
    assert 60 < (found.labels[:200] == NON_DIGIT).sum() < 140
    known = {image.tobytes() for image in sample(subsets[0], 200, seed=1).images}
    as_they_are = [np.rint(image * 255).astype(np.uint8).tobytes() in known for image in found.images]
    assert sum(as_they_are) == 144
    assert (found.labels[as_they_are] == DIGIT).all()


def test_examples_are_the_same_on_one_core_and_on_two(subsets: tuple[Digits, Digits], monkeypatch: pytest.MonkeyPatch):
    few = sample(subsets[0], 1600, seed=1)
    on_all = examples(few, 1600, seed=1)
    parallel = joblib.Parallel
    monkeypatch.setattr(joblib, "Parallel", lambda jobs: parallel(1))
    assert np.array_equal(examples(few, 1600, seed=1).images, on_all.images)
