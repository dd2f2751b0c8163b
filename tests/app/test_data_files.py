import gzip
import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.data_files import Options
from app.reading.single import single_digit
from app.sources import read
from benchmarks.strokes import image as draw
from stages.artifacts.errors import PipelineError
from stages.ingest import mnist
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import rows
from tests.helpers.small_mnist import to_idx
from tests.helpers.written import as_picture


def load(*files: Path, labelled: bool = True, split: str | None = None, reported: list[str] | None = None) -> Table:
    """Return all rows of the files; what is reported is an error unless there is a list for it."""

    def report(place: str, error: PipelineError) -> None:
        assert reported is not None, error
        reported.append(f"{place}: {error}")

    tables = list(read(list(files), Options(labelled, split, report)))
    labels = np.concatenate([table.labels for table in tables]) if labelled else None
    return Table(np.concatenate([table.pixels for table in tables]), labels)


def assert_same(found: Table, expected: Table) -> None:
    assert np.array_equal(found.pixels, expected.pixels)
    assert np.array_equal(found.labels, expected.labels)
    assert (found.pixels.dtype, found.labels.dtype) == (np.uint8, np.uint8)


@pytest.fixture(scope="module")
def some(digits: Table) -> Table:
    return rows(digits, 0, 20)


def save_idx(path: Path, array: np.ndarray) -> Path:
    content = to_idx(array.reshape(-1, 28, 28) if array.ndim > 1 else array)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("labels_suffix", ["", ".gz"])
@pytest.mark.parametrize("images_suffix", ["", ".gz"])
@pytest.mark.parametrize("names", [(mnist.TEST_IMAGES, mnist.TEST_LABELS), ("a-images.idx3", "a-labels.idx1")])
def test_idx_labels_are_found_by_the_name_of_the_images(names, images_suffix, labels_suffix, some: Table, tmp_path):
    images = save_idx(tmp_path / f"{names[0]}{images_suffix}", some.pixels)
    save_idx(tmp_path / f"{names[1]}{labels_suffix}", some.labels)
    assert_same(load(images), some)


def test_idx_labels_may_be_the_next_file(some: Table, tmp_path: Path):
    pair = save_idx(tmp_path / "x", some.pixels), save_idx(tmp_path / "y", some.labels)
    assert_same(load(*pair), some)


def test_idx_pairs_of_a_folder_are_read_once_each(digits: Table, tmp_path: Path):
    files = [
        save_idx(tmp_path / mnist.TEST_IMAGES, digits.pixels[:5]),
        save_idx(tmp_path / mnist.TEST_LABELS, digits.labels[:5]),
        save_idx(tmp_path / mnist.TRAIN_IMAGES, digits.pixels[5:20]),
        save_idx(tmp_path / mnist.TRAIN_LABELS, digits.labels[5:20]),
    ]
    assert_same(load(*files), rows(digits, 0, 20))


def test_idx_images_without_labels_are_an_error_unless_unlabelled(some: Table, tmp_path: Path):
    images = save_idx(tmp_path / f"{mnist.TRAIN_IMAGES}.gz", some.pixels)
    with pytest.raises(PipelineError, match=f"missing: name their file next, or call it {mnist.TRAIN_LABELS}"):
        load(images)
    assert np.array_equal(load(images, labelled=False).pixels, some.pixels)


@pytest.fixture
def keras_npz(digits: Table, tmp_path: Path) -> Path:
    """A file as keras.datasets.mnist downloads it, of 20 and 5 digits."""
    images = digits.pixels.reshape(-1, 28, 28)
    train = {"x_train": images[:20], "y_train": digits.labels[:20]}
    np.savez(tmp_path / "mnist.npz", **train, x_test=images[20:25], y_test=digits.labels[20:25])
    return tmp_path / "mnist.npz"


def test_npz_of_keras_is_read_by_split(keras_npz: Path, digits: Table):
    assert_same(load(keras_npz, split="train"), rows(digits, 0, 20))
    assert_same(load(keras_npz, split="test"), rows(digits, 20, 25))


def test_npz_of_keras_is_not_read_without_a_split(keras_npz: Path):
    with pytest.raises(PipelineError, match=r"mnist.npz: it has x_train and x_test: add --split"):
        load(keras_npz)


def test_npz_with_images_and_labels_is_read_whatever_the_split(some: Table, tmp_path: Path):
    np.savez_compressed(tmp_path / "own.npz", images=some.pixels, labels=some.labels.astype(np.int64))
    assert_same(load(tmp_path / "own.npz"), some)
    assert_same(load(tmp_path / "own.npz", split="test"), some)


def test_npz_without_labels_is_an_error_unless_unlabelled(some: Table, tmp_path: Path):
    np.savez(tmp_path / "own.npz", images=some.pixels)
    with pytest.raises(PipelineError, match="expected the arrays images and labels or x_train and y_train"):
        load(tmp_path / "own.npz")
    assert np.array_equal(load(tmp_path / "own.npz", labelled=False).pixels, some.pixels)


def test_npz_with_pickles_is_not_unpickled(tmp_path: Path):
    np.savez(tmp_path / "own.npz", images=np.array([{}], object), labels=np.zeros(1, np.uint8))
    with pytest.raises(PipelineError, match=r"own.npz: it holds Python objects: save plain arrays"):
        load(tmp_path / "own.npz")


def as_png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels.reshape(28, 28)).save(stream, "PNG")
    return stream.getvalue()


def save_parquet(path: Path, images: list[bytes | None], labels: list[int] | None) -> Path:
    """Save a table as Hugging Face does: images are structs of their bytes and path."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {"image": [{"bytes": image, "path": None} for image in images]}
    parquet.write_table(pyarrow.table(columns if labels is None else columns | {"label": labels}), path)
    return path


def test_parquet_keeps_mnists_pixels(some: Table, tmp_path: Path):
    path = save_parquet(tmp_path / "train.parquet", [as_png(row) for row in some.pixels], some.labels.tolist())
    assert_same(load(path), some)


def test_parquet_without_labels_is_an_error_unless_unlabelled(some: Table, tmp_path: Path):
    path = save_parquet(tmp_path / "test.parquet", [as_png(row) for row in some.pixels], None)
    with pytest.raises(PipelineError, match=r"expected the columns image.bytes and label, found image.bytes"):
        load(path)
    assert np.array_equal(load(path, labelled=False).pixels, some.pixels)


def test_parquet_prepares_images_of_another_size(tmp_path: Path):
    stream = io.BytesIO()
    draw(3, 60).save(stream, "PNG")
    path = save_parquet(tmp_path / "own.parquet", [stream.getvalue()], [3])
    assert np.array_equal(load(path).pixels, [single_digit(as_picture(draw(3, 60))).reshape(784)])


def test_parquet_reports_a_row_that_cannot_be_read(some: Table, tmp_path: Path):
    images = [as_png(some.pixels[0]), b"no image", None, as_png(some.pixels[3])]
    path = save_parquet(tmp_path / "own.parquet", images, some.labels[:4].tolist())
    reported: list[str] = []
    assert np.array_equal(load(path, reported=reported).pixels, some.pixels[[0, 3]])
    assert reported == [f"{path}, row 2: not an image or a PDF", f"{path}, row 3: not an image or a PDF"]


def test_parquet_without_pyarrow_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    (tmp_path / "own.parquet").write_bytes(b"PAR1")
    with pytest.raises(PipelineError, match=r"own.parquet: .*pip install pyarrow"):
        load(tmp_path / "own.parquet")


INVALID = {
    "floats": (lambda some: (some.pixels / 255, some.labels), "expected uint8 images of 28x28, found float64"),
    "8x8": (lambda some: (some.pixels[:, :64], some.labels), r"expected uint8 images of 28x28, found uint8 of shape"),
    "a number": (lambda some: (np.uint8(1), some.labels), "expected uint8 images of 28x28"),
    "dark ink": (lambda some: (255 - some.pixels, some.labels), "expected ink = 255 on a background of 0: invert"),
    "a label too few": (lambda some: (some.pixels, some.labels[1:]), "expected 20 labels"),
    "one-hot labels": (lambda some: (some.pixels, np.eye(10)[some.labels]), "expected 20 labels"),
    "a letter": (lambda some: (some.pixels, some.labels + np.uint8(1)), "expected labels from 0 to 9"),
    "half a digit": (lambda some: (some.pixels, some.labels / 2), "expected labels from 0 to 9"),
    "words": (lambda some: (some.pixels, some.labels.astype(str)), "expected labels from 0 to 9"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), INVALID.values(), ids=INVALID.keys())
def test_arrays_that_are_not_in_mnists_form_are_an_error(change: Callable, message: str, some: Table, tmp_path: Path):
    images, labels = change(some)
    np.savez(tmp_path / "own.npz", images=images, labels=labels)
    with pytest.raises(PipelineError, match=f"own.npz: {message}"):
        load(tmp_path / "own.npz")


def test_an_array_without_rows_has_none(some: Table, tmp_path: Path):
    np.savez(tmp_path / "own.npz", images=some.pixels[:0], labels=some.labels[:0])
    assert list(read([tmp_path / "own.npz"], Options(True, None, print))) == []


def test_arrays_come_in_blocks(digits: Table, tmp_path: Path):
    np.savez(tmp_path / "own.npz", images=digits.pixels, labels=digits.labels)
    sizes = [len(table.pixels) for table in read([tmp_path / "own.npz"], Options(True, None, print))]
    assert sizes == [1000, 797]


def test_a_gzip_file_that_is_not_idx_is_an_error(tmp_path: Path):
    (tmp_path / "train.gz").write_bytes(gzip.compress(b"label,pixel0\n"))
    with pytest.raises(PipelineError, match=r"train.gz: not an IDX file"):
        load(tmp_path / "train.gz")


@pytest.mark.parametrize("name", ["train.csv", "train.csv.gz"])
def test_a_csv_among_the_sources_is_an_error_that_names_the_option(name: str, tmp_path: Path):
    (tmp_path / name).write_bytes(b"label,pixel0\n")
    with pytest.raises(PipelineError, match=f"{name}: rows of a CSV are added by --with"):
        load(tmp_path / name)


def test_npz_whose_members_are_not_arrays_is_an_error(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "own.npz", "w") as archive:
        archive.writestr("images", "1")
        archive.writestr("labels", "2")
    with pytest.raises(PipelineError, match=r"own.npz: not arrays of numbers"):
        load(tmp_path / "own.npz")


@pytest.fixture(scope="module")
def data_files(some: Table, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("data")
    np.savez_compressed(folder / "z.npz", images=some.pixels, labels=some.labels)
    np.savez(folder / "own.npz", images=some.pixels, labels=some.labels)
    save_idx(folder / "labels", some.labels)
    return [
        save_parquet(folder / "p.parquet", [as_png(row) for row in some.pixels], some.labels.tolist()),
        folder / "z.npz",
        folder / "own.npz",
        save_idx(folder / "images.gz", some.pixels),
    ]


def load_or_error(path: Path) -> Table | str:
    """Return the rows, none if every image was reported, or the error."""
    try:
        tables = list(read([path], Options(True, None, lambda place, error: None)))
    except PipelineError as error:
        return str(error)
    return Table(np.concatenate([np.zeros((0, 784), np.uint8), *(table.pixels for table in tables)]), None)


@settings(max_examples=300)
@given(st.integers(0, 3), st.floats(0, 1), st.integers(0, 9), st.binary(max_size=4))
def test_any_damage_is_an_error_with_the_file_or_harmless(
    data_files: list[Path], which: int, place: float, removed: int, put: bytes
):
    whole = data_files[which].read_bytes()
    at = int(place * len(whole))
    damaged = data_files[which].with_name("images-damaged")
    damaged.with_name("labels-damaged").write_bytes(damaged.with_name("labels").read_bytes())
    damaged.write_bytes(whole[:at] + put + whole[at + removed :])
    found = load_or_error(damaged)
    assert isinstance(found, Table) or found.startswith(f"{damaged}: ")
