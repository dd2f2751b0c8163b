from pathlib import Path

import pytest

from stages.whole_files import written_whole


def test_a_file_appears_at_the_end(tmp_path: Path):
    path = tmp_path / "new" / "file.csv"
    with written_whole(path) as partial:
        partial.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_after_an_error_the_old_file_is_there(tmp_path: Path):
    path = tmp_path / "file.csv"
    path.write_text("old")

    def write() -> None:
        with written_whole(path) as partial:
            partial.write_text("ha")
            raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        write()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
