"""The arrays that preprocess makes and every later stage reads, one `.npy` each, memory-mapped.

Written and read block by block, so that no subset has to fit into memory.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np

from stages.images import SIDE
from stages.paths import PREPARED
from stages.whole_files import written_whole

Subset = Literal["train", "validation", "test"]

_BLOCK = 1000  # images


class Digits(NamedTuple):
    """Images and their labels."""

    images: np.ndarray  # (n, 28, 28) float32 in [0, 1]
    labels: np.ndarray  # (n,) uint8 in 0-9; (0,) where the labels are not known


class Writer:
    """Writes one subset block by block."""

    def __init__(self, subset: Subset, stack: ExitStack):
        self._images = _GrowingArray(images_path(subset), np.float32, (SIDE, SIDE), stack)
        self._labels = _GrowingArray(labels_path(subset), np.uint8, (), stack)

    def append(self, digits: Digits) -> None:
        self._images.append(digits.images)
        self._labels.append(digits.labels)

    @property
    def count(self) -> int:
        """The number of images so far."""
        return self._images.rows

    def finish(self) -> None:
        self._images.finish()
        self._labels.finish()


@contextmanager
def writing() -> Iterator[dict[Subset, Writer]]:
    """Give a writer for each subset. All files appear under their own names at the end; none does after an error."""
    with ExitStack() as stack:
        writers = {subset: Writer(subset, stack) for subset in get_args(Subset)}
        yield writers
        for writer in writers.values():
            writer.finish()


def images_path(subset: Subset) -> Path:
    return PREPARED / f"{subset}_images.npy"


def labels_path(subset: Subset) -> Path:
    return PREPARED / f"{subset}_labels.npy"


def load_images(subset: Subset) -> np.ndarray:
    """Return (n, 28, 28) float32 images, read from the disk as they are used."""
    return np.load(images_path(subset), mmap_mode="r", allow_pickle=False)


def load_labels(subset: Subset) -> np.ndarray:
    """Return (n,) uint8 labels, or (0,) where they are not known."""
    return np.load(labels_path(subset), allow_pickle=False)


def load(subset: Subset) -> Digits:
    return Digits(load_images(subset), load_labels(subset))


def image_blocks(subset: Subset) -> Iterator[np.ndarray]:
    """Yield all images in blocks of (up to 1000, 28, 28) float32.

    Each block is a mapping of its own: what was read counts as this process's memory until it is unmapped.
    """
    for start in range(0, len(load_images(subset)), _BLOCK):
        yield load_images(subset)[start : start + _BLOCK]


class _GrowingArray:
    """A `.npy` of rows that are not yet counted; np.save would want them all at once.

    NumPy pads the header so that a larger number of rows fits in later.
    """

    def __init__(self, path: Path, dtype: type, row_shape: tuple[int, ...], stack: ExitStack):
        self._dtype, self._row_shape = np.dtype(dtype), row_shape
        self._stream = stack.enter_context(stack.enter_context(written_whole(path)).open("wb"))
        self.rows = 0
        self._write_header()

    def append(self, block: np.ndarray) -> None:
        self._stream.write(np.ascontiguousarray(block, self._dtype))
        self.rows += len(block)

    def finish(self) -> None:
        self._stream.seek(0)
        self._write_header()

    def _write_header(self) -> None:
        descr, shape = np.lib.format.dtype_to_descr(self._dtype), (self.rows, *self._row_shape)
        header = {"descr": descr, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._stream, header)
