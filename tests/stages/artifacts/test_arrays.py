import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.artifacts import arrays
from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from tests.helpers.datasets import save_prepared


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Digits:
    monkeypatch.chdir(tmp_path)
    random = np.random.RandomState(0)
    digits = Digits(random.random_sample((2500, 28, 28)).astype(np.float32), random.randint(0, 10, 2500, np.uint8))
    with arrays.writing() as writers:
        for rows in (slice(0, 700), slice(700, 700), slice(700, None)):
            writers["train"].append(Digits(digits.images[rows], digits.labels[rows]), 2 * np.arange(2500)[rows])
    return digits


def test_load_returns_the_blocks_as_one_memory_mapped_array(written: Digits):
    loaded = arrays.load("train")
    assert isinstance(loaded.images, np.memmap)
    assert np.array_equal(loaded.images, written.images)
    assert np.array_equal(loaded.labels, written.labels)
    assert arrays.load("test").images.shape == (0, 28, 28)
    assert arrays.load("test").labels.shape == (0,)


def test_writing_gives_the_same_bytes_as_numpy(written: Digits):
    stream = io.BytesIO()
    np.save(stream, written.images)
    assert arrays.images_path("train").read_bytes() == stream.getvalue()


def test_load_lines_returns_the_line_of_each_image(written: Digits):
    assert arrays.load_lines("train").tolist() == list(range(0, 5000, 2))
    np.save(arrays.lines_path("train"), np.arange(3))
    with pytest.raises(PipelineError, match=r"train_lines.npy is damaged \(3 lines for 2500 images\)"):
        arrays.load_lines("train")


def test_image_blocks_yields_all_images(written: Digits):
    blocks = list(arrays.image_blocks("train"))
    assert [len(block) for block in blocks] == [1000, 1000, 500]
    assert np.array_equal(np.concatenate(blocks), written.images)
    assert list(arrays.image_blocks("test")) == []


def test_writing_changes_nothing_after_an_error(written: Digits):
    before = {path.name: path.read_bytes() for path in arrays.FOLDER.iterdir()}
    with pytest.raises(AttributeError):
        save_prepared({"train": Digits(written.images[:5], written.labels[:5]), "test": None})
    assert {path.name: path.read_bytes() for path in arrays.FOLDER.iterdir()} == before
    save_prepared({})
    assert len(arrays.load_images("train")) == 0


def saved(array: np.ndarray, **options: bool) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


IMAGES = saved(np.zeros((5, 28, 28), np.float32))
DAMAGED = {
    "cut short": (IMAGES[:-1], "is damaged"),
    "a cut header": (IMAGES[:60], "is damaged"),
    "empty": (b"", "is damaged"),
    "not an array": (b"label,pixel0\n", "is damaged"),
    "longer": (IMAGES + b"\0", "expected nothing after the last row"),
    "pickled": (saved(np.array([{}], object), allow_pickle=True), "is damaged"),
    "an archive": (b"PK\x05\x06" + b"\0" * 18, "expected rows of float32, each of shape (28, 28)"),
    "another dtype": (saved(np.zeros((5, 28, 28))), "expected rows of float32"),
    "another shape": (saved(np.zeros((5, 784), np.float32)), "expected rows of float32"),
    "no dimensions": (saved(np.float32(1)), "expected rows of float32"),
    "a shape beyond the file": (IMAGES.replace(b"(5, 28, 28), }", b"(9**9**9, 28)}"), "is damaged"),
    "an endless header": (IMAGES.replace(b"'descr'", b"((((((("), "is damaged"),
}


@pytest.mark.parametrize(("content", "message"), DAMAGED.values(), ids=DAMAGED.keys())
def test_load_reports_a_damaged_array_and_what_to_run(content: bytes, message: str, written: Digits):
    arrays.images_path("train").write_bytes(content)
    with pytest.raises(PipelineError, match=r"train_images\.npy is damaged .* run dvc repro") as error:
        arrays.load("train")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros(2499, np.uint8), "2499 labels for 2500 images"),
        (np.full(2500, 10, np.uint8), "expected labels from 0 to 9, found 10"),
        (np.zeros(2500), "expected rows of uint8"),
    ],
)
def test_load_rejects_impossible_labels(labels: np.ndarray, message: str, written: Digits):
    arrays.labels_path("train").write_bytes(saved(labels))
    with pytest.raises(PipelineError, match=rf"train_labels\.npy is damaged \({message}.* run dvc repro"):
        arrays.load("train")


def test_load_images_reports_a_missing_file_and_what_to_run(written: Digits):
    arrays.images_path("test").unlink()
    with pytest.raises(PipelineError, match=r"test_images\.npy is missing: run dvc repro"):
        arrays.load_images("test")


@given(st.integers(0, 127), st.binary(min_size=1, max_size=3))
def test_a_damaged_header_is_rejected_or_harmless(tmp_path_factory, at: int, put: bytes):
    path = tmp_path_factory.getbasetemp() / "damaged.npy"
    path.write_bytes(IMAGES[:at] + put + IMAGES[at + len(put) :])
    try:
        shape, error = arrays._map(path, np.float32, (28, 28)).shape, None
    except PipelineError as refused:
        shape, error = None, str(refused)
    assert shape == (5, 28, 28) or f"{path} is damaged" in error
