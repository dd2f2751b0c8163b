"""Data files of digits, as a CSV's rows: IDX as on MNIST's page, NPZ as in Keras, Parquet as at Hugging Face.

Their images have to be in MNIST's form, and stay as they are; images of another size in a Parquet file are prepared as
image files are.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from app.reading.pictures import read_pages
from app.reading.single import single_digit
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import CLASSES, SIDE
from stages.ingest import idx
from stages.ingest.kaggle_csv import PIXELS, Table

_BLOCK = 1000  # rows
_CORNERS = [0, SIDE - 1, PIXELS - SIDE, PIXELS - 1]
_NPZ_KEYS = {"images": "labels", "x_train": "y_train", "x_test": "y_test"}


class Options(NamedTuple):
    labelled: bool
    split: str | None  # "train" or "test", of an NPZ file with both
    report: Callable[[str, PipelineError], None]  # called for each image that is left out: where it is, and why


def read_idx(paths: list[Path], options: Options) -> Iterator[Table]:
    """Read images, plain or gzipped, and their labels: the next file, or else the one named as MNIST names it."""
    for path, following in zip_longest(paths, paths[1:]):
        pixels = _load_idx(path)
        if pixels.ndim == 1:
            continue  # labels, read with their images
        labels = _load_idx_labels(path, following) if options.labelled else None
        with _named(path):
            yield from _slices(path, pixels, labels)


def _load_idx(path: Path) -> np.ndarray:
    with _named(path):
        content = path.read_bytes()
        return idx.read_idx(content if content.startswith(idx.MAGIC) else gzip.decompress(content))


def _load_idx_labels(images: Path, following: Path | None) -> np.ndarray:
    name = images.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    for path in (following, images.with_name(name), images.with_name(f"{name}.gz")):
        if path and path.is_file() and (labels := _load_idx(path)).ndim == 1:
            return labels
    raise PipelineError(f"{images}: its labels are missing: name their file next, or call it {name}")


def read_npz(paths: list[Path], options: Options) -> Iterator[Table]:
    for path in paths:
        with _named(path), np.load(path, allow_pickle=False) as arrays:
            wanted = ["images", "x_train", "x_test"] if options.split is None else ["images", f"x_{options.split}"]
            found = [key for key in wanted if key in arrays]
            if len(found) > 1:
                raise PipelineError(f"it has {' and '.join(found)}: add --split train or --split test")
            if not found or (options.labelled and _NPZ_KEYS[found[0]] not in arrays):
                pairs = " or ".join(f"{key} and {_NPZ_KEYS[key]}" for key in wanted)
                raise PipelineError(f"expected the arrays {pairs}, found {', '.join(arrays)}")
            yield from _slices(path, arrays[found[0]], arrays[_NPZ_KEYS[found[0]]] if options.labelled else None)


def read_parquet(paths: list[Path], options: Options) -> Iterator[Table]:
    """Read the columns `image`, a struct whose `bytes` are an image file, and `label`."""
    for path in paths:
        with _named(path):
            yield from as_tables(_parquet_rows(path, options), options.labelled)


def _parquet_rows(path: Path, options: Options) -> Iterator[tuple[np.ndarray, Any]]:
    try:
        from pyarrow.parquet import ParquetFile  # large, and needed for no other file
    except ImportError:
        raise PipelineError("to read a Parquet file, first run: pip install pyarrow") from None
    with ParquetFile(path) as file:
        columns = ["image.bytes", "label"] if options.labelled else ["image.bytes"]
        found = [file.schema.column(i).path for i in range(len(file.schema))]
        if not set(columns) <= set(found):
            raise PipelineError(f"expected the columns {' and '.join(columns)}, found {', '.join(found)}")
        cells = (cell for batch in file.iter_batches(_BLOCK, columns=columns) for cell in batch.to_pylist())
        progress = tqdm(cells, desc=path.name, total=file.metadata.num_rows, unit=" images", disable=None)
        for number, cell in enumerate(progress, start=1):
            try:
                image = io.BytesIO((cell["image"] or {}).get("bytes") or b"")
                yield _in_mnist_form(next(iter(read_pages(image)))), cell.get("label")
            except PipelineError as error:
                options.report(f"{path}, row {number}", error)


def _in_mnist_form(picture: np.ndarray) -> np.ndarray:
    """Return a grey (28, 28, 3) picture as it is, and the digit in any other."""
    if picture.shape == (SIDE, SIDE, 3) and (picture == picture[..., :1]).all():
        return picture[..., 0]
    return single_digit(picture)


def as_tables(rows: Iterator[tuple[np.ndarray, Any]], labelled: bool) -> Iterator[Table]:
    """Put rows of a (28, 28) uint8 image and its label together in blocks."""
    while block := list(islice(rows, _BLOCK)):
        pixels, labels = zip(*block, strict=True)
        yield _checked(np.stack(pixels), np.array(labels) if labelled else None)


def _slices(path: Path, pixels: np.ndarray, labels: np.ndarray | None) -> Iterator[Table]:
    table = _checked(pixels, labels)
    for start in tqdm(range(0, len(pixels), _BLOCK), desc=path.name, unit=" blocks", disable=None):
        block = slice(start, start + _BLOCK)
        yield Table(table.pixels[block], None if table.labels is None else table.labels[block])


def _checked(pixels: np.ndarray, labels: np.ndarray | None) -> Table:
    """Return (n, 28, 28) or (n, 784) pixels, and (n,) labels if there are any, as a CSV's rows, if they are valid."""
    if pixels.dtype != np.uint8 or pixels.shape[1:] not in [(SIDE, SIDE), (PIXELS,)]:
        raise PipelineError(f"expected uint8 images of 28x28, found {pixels.dtype} of shape {pixels.shape}")
    pixels = pixels.reshape(-1, PIXELS)
    if len(pixels) and pixels[:, _CORNERS].mean() > 127:
        raise PipelineError("expected ink = 255 on a background of 0: invert the images")
    if labels is None:
        return Table(pixels, None)
    if labels.shape != (len(pixels),):
        raise PipelineError(f"expected {len(pixels):,} labels, found an array of shape {labels.shape}")
    if not np.isin(labels, range(CLASSES)).all():
        raise PipelineError(f"expected labels from 0 to {CLASSES - 1}")
    return Table(pixels, labels.astype(np.uint8))


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Put the file's name before an error in it. The libraries raise several kinds for damaged bytes."""
    try:
        yield
    except PipelineError as error:
        raise PipelineError(f"{path}: {error}") from None
    except (AttributeError, TypeError) as error:  # of arrays that are not arrays, images that are not bytes
        raise PipelineError(f"{path}: not arrays of numbers, or images as bytes ({error})") from None
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, OSError) and error.filename:
            raise
        if "allow_pickle" in str(error):
            raise PipelineError(f"{path}: it holds Python objects: save plain arrays of uint8") from None
        raise PipelineError(f"{path}: damaged ({error}): download or make it again") from None
