"""Digits that are not in a CSV, as a CSV's rows: image files in folders named by their label, and data files."""

import re
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
from tqdm import tqdm

from app import data_files
from app.data_files import Options
from app.reading.pictures import read_pages
from app.reading.single import single_digit
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import CLASSES
from stages.ingest import idx
from stages.ingest.kaggle_csv import Table

Reader = Callable[[list[Path], Options], Iterator[Table]]


def find_files(sources: list[Path]) -> list[Path]:
    """Return the sources, each folder replaced by the files in it, sorted by path, without hidden ones.

    Raises PipelineError if a source is missing or empty.
    """
    files = []
    for source in sources:
        if not source.exists():
            raise PipelineError(f"{source}: no such file or folder")
        found = sorted(path for path in source.rglob("*") if _is_visible_file(path, source)) or [source]
        if found[0].is_dir():
            raise PipelineError(f"{source}: no files in this folder")
        files += found
    return files


def _is_visible_file(path: Path, folder: Path) -> bool:
    return not path.is_dir() and not any(part.startswith(".") for part in path.relative_to(folder).parts)


def read(files: list[Path], options: Options) -> Iterator[Table]:
    """Yield the rows of all files in their order, up to 1,000 at a time, with a progress bar on a terminal.

    Reports an image that cannot be read. Raises PipelineError for any other file that cannot.
    """
    for reader, group in groupby(files, key=_reader):
        yield from reader(list(group), options)


def _reader(path: Path) -> Reader:
    """Return what reads a file, by its first bytes. A file that is none of the data files may be an image.

    Raises PipelineError for a CSV.
    """
    if path.name.lower().endswith((".csv", ".csv.gz")):
        raise PipelineError(f"{path}: rows of a CSV are added by --with {path}")
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
    except OSError:  # which reading it as an image will report
        return read_images
    return next((reader for magic, reader in _READERS.items() if start.startswith(magic)), read_images)


_READERS: dict[bytes, Reader] = {
    idx.MAGIC: data_files.read_idx,
    b"\x1f\x8b": data_files.read_idx,  # gzipped
    b"PK\x03\x04": data_files.read_npz,
    b"PAR1": data_files.read_parquet,
}


def read_images(paths: list[Path], options: Options) -> Iterator[Table]:
    """Prepare the one digit of each page as `app.predict` does; its label is the name of the folder it is in."""
    yield from data_files.as_tables(_images(paths, options), options.labelled)


def _images(paths: list[Path], options: Options) -> Iterator[tuple[np.ndarray, int]]:
    for path in tqdm(paths, unit=" images", disable=None):
        pages = 0
        failed: list[tuple[int, PipelineError]] = []
        try:
            label = _label(path) if options.labelled else 0
            for picture in read_pages(str(path)):
                pages += 1
                try:
                    yield single_digit(picture), label
                except PipelineError as error:
                    failed.append((pages, error))
        except PipelineError as error:
            pages += 1
            failed.append((pages, error))
        for page, reason in failed:
            options.report(f"{path}#page={page}" if pages > 1 else str(path), reason)


def _label(path: Path) -> int:
    folder = path.absolute().parent.name
    if not re.fullmatch("[0-9]", folder):
        raise PipelineError(f"expected a folder named by its label, 0 to {CLASSES - 1}, found {folder!r}")
    return int(folder)
