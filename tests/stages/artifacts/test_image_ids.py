from pathlib import Path

import pytest

from stages.artifacts import image_ids
from stages.artifacts.errors import PipelineError
from stages.artifacts.image_ids import TEST_IDS


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    TEST_IDS.parent.mkdir(parents=True)


def test_writing_numbers_the_images_over_all_blocks_if_they_have_no_ids():
    with image_ids.writing(None) as writer:
        writer.append(2, None)
        writer.append(1, None)
    assert TEST_IDS.read_bytes() == b"ImageId\n1\n2\n3\n"


def test_read_returns_the_name_and_the_ids_as_they_were_written():
    with image_ids.writing("id") as writer:
        writer.append(2, ["007", "scan-1.png"])
        writer.append(1, ["0"])
    assert list(image_ids.read(3)) == ["id", "007", "scan-1.png", "0"]


def test_writing_changes_nothing_after_an_error():
    TEST_IDS.write_text("before")
    with pytest.raises(UnicodeEncodeError), image_ids.writing("id") as writer:
        writer.append(1, ["\u0663"])
    assert TEST_IDS.read_text() == "before"
    assert list(TEST_IDS.parent.iterdir()) == [TEST_IDS]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected 2 ids, found 0"),
        (b"id\n", "expected 2 ids, found 0"),
        (b"id\n1\n", "expected 2 ids, found 1"),
        (b"id\n1\n2\n3\n", "line 4"),
        (b"id\n1\n\xff\n", "line 3"),
        (b"id\n1\n2", "line 3"),
        (b"id\n1,2\n2\n", "line 2"),
    ],
)
def test_read_refuses_a_damaged_file(content: bytes, message: str):
    TEST_IDS.write_bytes(content)
    with pytest.raises(PipelineError) as error:
        list(image_ids.read(2))
    assert str(error.value) == f"{TEST_IDS} is damaged ({message}): run dvc repro to make it again"


def test_read_says_what_makes_a_missing_file():
    with pytest.raises(PipelineError, match=r"test_ids.csv is missing: run dvc repro$"):
        list(image_ids.read(2))
