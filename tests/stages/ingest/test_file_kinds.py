"""A file that is not a CSV is named by its kind, with what makes a CSV of it."""

import gzip
import io
import json
import pickle
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from PIL import Image

from stages.artifacts.errors import PipelineError
from stages.ingest.kaggle_csv import CsvReader

IMAGES = np.arange(4 * 784, dtype=np.uint8).reshape(4, 28, 28)
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 76775041\n"
ARFF = "% MNIST\n% of 1998\n\n@RELATION mnist_784\n\n@ATTRIBUTE pixel1 real\n@DATA\n0,0\n"


def saved(save, *arguments, **options) -> bytes:
    stream = io.BytesIO()
    save(stream, *arguments, **options)
    return stream.getvalue()


def idx(images: np.ndarray) -> bytes:
    return bytes([0, 0, 8, images.ndim]) + np.array(images.shape, ">i4").tobytes() + images.tobytes()


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return stream.getvalue()


def tar() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("train.csv"))
    return stream.getvalue()


def sqlite() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table digits (label, pixel0)")
    return connection.serialize()


TO_CSV = "python -m app.to_csv makes a CSV of it"
NPZ = "numpy.savez, and python -m app.to_csv makes a CSV of them"
KINDS = {
    "Parquet": (b"PAR1\x15\x04\x15", f"Parquet: {TO_CSV}"),
    "IDX of images": (idx(IMAGES), f"IDX, the format of MNIST's own files: {TO_CSV}"),
    "IDX of labels": (idx(IMAGES[0, 0]), "IDX"),
    "IDX, gzipped": (gzip.compress(idx(IMAGES)), "IDX"),
    "NPZ": (saved(np.savez, images=IMAGES), f"NPZ (arrays of NumPy): {TO_CSV}"),
    "NPZ, compressed": (saved(np.savez_compressed, x_train=IMAGES), "NPZ"),
    "NPY": (saved(np.save, IMAGES), f"NPY (an array of NumPy): save its arrays with {NPZ}"),
    "pickle": (pickle.dumps(IMAGES), f"a Python pickle: if you trust its source, load it; save its arrays with {NPZ}"),
    "pickle, protocol 2": (pickle.dumps(IMAGES, 2), "a Python pickle"),
    "MAT": (saved(scipy.io.savemat, {"X": IMAGES}), "MATLAB's MAT: load it with scipy.io.loadmat; save"),
    "HDF5": (b"\x89HDF\r\n\x1a\n\0\0", "HDF5 (or MATLAB 7.3): load it with h5py"),
    "MAT 7.3": (b"MATLAB 7.3 MAT-file, Platform: GLNXA64", "HDF5 (or MATLAB 7.3)"),
    "ARFF": (ARFF.encode(), "ARFF: replace all up to the line @data by one line, the columns' names"),
    "Git LFS": (LFS.encode(), "a Git-LFS pointer, not the file: run git lfs pull where it comes from"),
    "HTML": (b"\n<!DOCTYPE html>\n<html><head><title>Sign in", "a web page (a login?): download the file itself"),
    "JSON": (json.dumps([{"label": 3}]).encode(), "JSON: write it as CSV, one row per image"),
    "PNG": (saved(Image.fromarray(IMAGES[0]).save, format="PNG"), "a picture: put pictures in folders named by label"),
    "JPEG": (saved(Image.fromarray(IMAGES[0]).save, format="JPEG"), "a picture"),
    "TIFF": (saved(Image.fromarray(IMAGES[0]).save, format="TIFF"), "a picture"),
    "BMP": (saved(Image.fromarray(IMAGES[0]).save, format="BMP"), "a picture"),
    "SQLite": (sqlite(), "an SQLite database: export its table"),
    "Excel": (zipped("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook: save it as CSV"),
    "Excel 97": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook: save it as CSV"),
    "zip": (zipped("train.csv"), "a zip archive: unzip it"),
    "tar": (tar(), "a tar archive: unpack it"),
    "tar, gzipped": (gzip.compress(tar()), "a tar archive: unpack it"),
    "UTF-32": ("label,pixel0".encode("utf-32-be"), "UTF-32: save the file as UTF-8"),
    "another binary file": (b"\x7fELF\x02\x01\x01\0\0", "NUL bytes: is it a binary file, or damaged?"),
}


@pytest.mark.parametrize(("content", "message"), KINDS.values(), ids=KINDS.keys())
def test_csv_reader_names_the_kind_of_a_file_that_is_not_a_csv(content: bytes, message: str, tmp_path: Path):
    path = tmp_path / "train.csv"
    path.write_bytes(content)
    with pytest.raises(PipelineError) as error:
        CsvReader(path)
    assert f"{path}, line 1: expected a CSV, found {message}" in str(error.value)
