import io
from pathlib import Path

import numpy as np
import pytest

from stages import paths, prepared
from stages.prepared import Digits
from tests.conftest import save_prepared


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Digits:
    monkeypatch.chdir(tmp_path)
    random = np.random.RandomState(0)
    digits = Digits(random.random_sample((2500, 28, 28)).astype(np.float32), random.randint(0, 10, 2500, np.uint8))
    with prepared.writing() as writers:
        for rows in (slice(0, 700), slice(700, 700), slice(700, None)):
            writers["train"].append(Digits(digits.images[rows], digits.labels[rows]))
    return digits


def test_blocks_come_back_as_one_memory_mapped_array(written: Digits):
    loaded = prepared.load("train")
    assert isinstance(loaded.images, np.memmap)
    assert np.array_equal(loaded.images, written.images) and np.array_equal(loaded.labels, written.labels)
    assert prepared.load("test").images.shape == (0, 28, 28) and prepared.load("test").labels.shape == (0,)


def test_the_bytes_are_those_of_numpy(written: Digits):
    stream = io.BytesIO()
    np.save(stream, written.images)
    assert prepared.images_path("train").read_bytes() == stream.getvalue()


def test_images_are_read_in_blocks(written: Digits):
    blocks = list(prepared.image_blocks("train"))
    assert [len(block) for block in blocks] == [1000, 1000, 500]
    assert np.array_equal(np.concatenate(blocks), written.images)
    assert list(prepared.image_blocks("test")) == []


def test_nothing_appears_before_all_is_written(written: Digits):
    before = {path.name: path.read_bytes() for path in paths.PREPARED.iterdir()}
    with pytest.raises(AttributeError):
        save_prepared({"train": Digits(written.images[:5], written.labels[:5]), "test": None})
    assert {path.name: path.read_bytes() for path in paths.PREPARED.iterdir()} == before
    save_prepared({})
    assert len(prepared.load_images("train")) == 0
