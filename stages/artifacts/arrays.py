"""The arrays that preprocess writes and every later stage reads, one memory-mapped `.npy` file each.

Written and read block by block, so no subset has to fit into memory.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np
from tqdm import tqdm

from stages.artifacts.errors import PipelineError
from stages.artifacts.files import atomic_write
from stages.artifacts.images import CLASSES, SIDE

Subset = Literal["train", "validation", "test"]

FOLDER = Path("data/prepared")

_BLOCK = 1000  # images


class Digits(NamedTuple):
    """Images and their labels."""

    images: np.ndarray  # (n, 28, 28) float32 in [0, 1]
    labels: np.ndarray  # (n,) uint8 in 0-9; (0,) if the labels are unknown


class Writer:
    """Writes one subset block by block."""

    def __init__(self, subset: Subset, stack: ExitStack):
        self._images = _GrowingArray(images_path(subset), np.float32, (SIDE, SIDE), stack)
        self._labels = _GrowingArray(labels_path(subset), np.uint8, (), stack)
        self._lines = _GrowingArray(lines_path(subset), np.int64, (), stack)

    def append(self, digits: Digits, lines: np.ndarray) -> None:
        """Append images that were in these (n,) int64 lines of their CSV."""
        self._images.append(digits.images)
        self._labels.append(digits.labels)
        self._lines.append(lines)

    def finish(self) -> None:
        for array in (self._images, self._labels, self._lines):
            array.finish()


@contextmanager
def writing() -> Iterator[dict[Subset, Writer]]:
    """Yield a writer for each subset. All files get their final names at the end, and none does after an error."""
    with ExitStack() as stack:
        writers = {subset: Writer(subset, stack) for subset in get_args(Subset)}
        yield writers
        for writer in writers.values():
            writer.finish()


def images_path(subset: Subset) -> Path:
    return FOLDER / f"{subset}_images.npy"


def labels_path(subset: Subset) -> Path:
    return FOLDER / f"{subset}_labels.npy"


def lines_path(subset: Subset) -> Path:
    return FOLDER / f"{subset}_lines.npy"


def load_images(subset: Subset) -> np.ndarray:
    """Return (n, 28, 28) float32 images, read from disk when they are used."""
    return _map(images_path(subset), np.float32, (SIDE, SIDE))


def _load_labels(subset: Subset) -> np.ndarray:
    """Return (n,) uint8 labels, or (0,) if they are unknown."""
    labels = np.array(_map(labels_path(subset), np.uint8, ()))
    if labels.max(initial=0) >= CLASSES:
        raise _damaged(labels_path(subset), f"expected labels from 0 to {CLASSES - 1}, found {labels.max()}")
    return labels


def load(subset: Subset) -> Digits:
    digits = Digits(load_images(subset), _load_labels(subset))
    if len(digits.labels) not in (0, len(digits.images)):
        raise _damaged(labels_path(subset), f"{len(digits.labels)} labels for {len(digits.images)} images")
    return digits


def load_lines(subset: Subset) -> np.ndarray:
    """Return (n,) int64: the line of each image in its CSV, from 1."""
    lines = _map(lines_path(subset), np.int64, ())
    if len(lines) != len(load_images(subset)):
        raise _damaged(lines_path(subset), f"{len(lines)} lines for {len(load_images(subset))} images")
    return lines


def image_blocks(subset: Subset) -> Iterator[np.ndarray]:
    """Yield all images in blocks of (up to 1000, 28, 28) float32, with a progress bar on a terminal.

    Each block is a separate mapping: pages that were read count as memory of this process until they are unmapped.
    """
    for start in tqdm(range(0, len(load_images(subset)), _BLOCK), desc=subset, unit=" blocks", disable=None):
        yield load_images(subset)[start : start + _BLOCK]


def _map(path: Path, dtype: type, row_shape: tuple[int, ...]) -> np.ndarray:
    """Map a `.npy` into memory. Raises PipelineError if it is missing, cut short or has another dtype or shape."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise PipelineError(f"{path} is missing: run dvc repro") from None
    except PermissionError:
        raise
    except Exception as error:  # a damaged header can raise almost anything in NumPy
        raise _damaged(path, error) from None
    if not isinstance(array, np.memmap) or (array.dtype, array.shape[1:]) != (dtype, row_shape) or not array.ndim:
        raise _damaged(path, f"expected rows of {np.dtype(dtype)}, each of shape {row_shape}")
    if array.offset + array.nbytes != path.stat().st_size:
        raise _damaged(path, "expected nothing after the last row")
    return array


def _damaged(path: Path, what: object) -> PipelineError:
    return PipelineError(f"{path} is damaged ({what}): run dvc repro to make it again")


class _GrowingArray:
    """A `.npy` file with an unknown number of rows; np.save would need all of them in memory.

    NumPy pads the header, so a larger number of rows fits in later.
    """

    def __init__(self, path: Path, dtype: type, row_shape: tuple[int, ...], stack: ExitStack):
        self._dtype, self._row_shape = np.dtype(dtype), row_shape
        self._stream = stack.enter_context(stack.enter_context(atomic_write(path)).open("wb"))
        self.rows = 0
        self._write_header()

    def append(self, block: np.ndarray) -> None:
        self._stream.write(np.ascontiguousarray(block, self._dtype).data)
        self.rows += len(block)

    def finish(self) -> None:
        self._stream.seek(0)
        self._write_header()

    def _write_header(self) -> None:
        descr, shape = np.lib.format.dtype_to_descr(self._dtype), (self.rows, *self._row_shape)
        header = {"descr": descr, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._stream, header)
