"""Files that are not CSVs, told by their first bytes, and what to do with each."""

import re

_TO_CSV = "python -m app.to_csv makes a CSV of it"
_AS_NPZ = "save its arrays with numpy.savez, and python -m app.to_csv makes a CSV of them"
_PICTURES = "put pictures in folders named by label: python -m app.to_csv makes a CSV of them"
_UNPACK = "unpack it, or use gzip"
_AS_CSV = "save it as CSV"
_AS_UTF_8 = "save the file as UTF-8"

_KINDS = {  # the first pattern that matches counts
    rb"PAR1": ("Parquet", _TO_CSV),
    rb"\0\0[\x08\x09\x0b-\x0e][\1-\4]\0": ("IDX, the format of MNIST's own files", _TO_CSV),
    rb"PK\x03\x04.{26}[^/]{1,60}\.npy": ("NPZ (arrays of NumPy)", _TO_CSV),
    rb"\x93NUMPY": ("NPY (an array of NumPy)", _AS_NPZ),
    rb"\x80[\2-\5]": ("a Python pickle", f"if you trust its source, load it; {_AS_NPZ}"),
    rb"MATLAB 5": ("MATLAB's MAT", f"load it with scipy.io.loadmat; {_AS_NPZ}"),
    rb"MATLAB 7|\x89HDF\r\n": ("HDF5 (or MATLAB 7.3)", f"load it with h5py; {_AS_NPZ}"),
    rb"(?i)\s*(%[^\n]*\s+)*@relation": ("ARFF", "replace all up to the line @data by one line, the columns' names"),
    rb"version https://git-lfs": ("a Git-LFS pointer, not the file", "run git lfs pull where it comes from"),
    rb"(?i)\s*<(!doctype|html|head|\?xml)": ("a web page (a login?)", "download the file itself"),
    rb"\s*[{\[]": ("JSON", "write it as CSV, one row per image"),
    rb"\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\0{4}|II\*\0|MM\0\*": ("a picture", _PICTURES),
    rb"SQLite format 3": ("an SQLite database", "export its table: sqlite3 -header -csv FILE 'select * from TABLE'"),
    rb"PK\x03\x04.{26}(\[Content_Types\]|_rels/|docProps/|xl/)": ("an Excel workbook", _AS_CSV),
    rb"\xd0\xcf\x11\xe0": ("an old Excel workbook", _AS_CSV),
    rb"PK\x03\x04": ("a zip archive", "unzip it (or, if it is a spreadsheet, save it as CSV)"),
    rb"BZh": ("a bzip2 archive", _UNPACK),
    rb"\xfd7zXZ": ("an xz archive", _UNPACK),
    rb"\x28\xb5\x2f\xfd": ("a zstd archive", _UNPACK),
    rb"7z\xbc\xaf": ("a 7z archive", _UNPACK),
    rb"\x1f\x8b": ("gzip within gzip", "unpack it once"),
    rb".{257}ustar": ("a tar archive", "unpack it"),
    rb"([\t -~]\0{3}){2}|(\0{3}[\t -~]){2}|\xff\xfe\0\0|\0\0\xfe\xff": ("UTF-32", _AS_UTF_8),
    rb"([\t -~]\0){4}|(\0[\t -~]){4}|\xff\xfe|\xfe\xff": ("UTF-16", _AS_UTF_8),
    rb"[^\n]*\0": ("NUL bytes", "is it a binary file, or damaged?"),
}


def kind_and_remedy(head: bytes) -> str | None:
    """Return the kind of file that has these first bytes and, after a colon, what to do; None if it may be a CSV."""
    matches = (found for pattern, found in _KINDS.items() if re.match(pattern, head, re.DOTALL))
    return next((f"{kind}: {remedy}" for kind, remedy in matches), None)
