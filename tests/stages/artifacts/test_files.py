import errno
from pathlib import Path

import pytest

from stages.artifacts.files import atomic_write


def test_atomic_write_renames_at_the_end(tmp_path: Path):
    path = tmp_path / "new" / "file.csv"
    with atomic_write(path) as partial:
        partial.write_text("complete")
        assert not path.exists()
    assert path.read_text() == "complete"
    assert list(path.parent.iterdir()) == [path]


def test_atomic_write_keeps_the_old_file_after_an_error(tmp_path: Path):
    path = tmp_path / "file.csv"
    path.write_text("old")

    def write() -> None:
        with atomic_write(path) as partial:
            partial.write_text("ne")
            raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        write()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_atomic_write_adds_the_path_to_the_error_of_a_full_disk(tmp_path: Path):
    with pytest.raises(OSError, match="No space") as error, atomic_write(tmp_path / "file.csv"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert error.value.filename == str(tmp_path / "file.csv")
