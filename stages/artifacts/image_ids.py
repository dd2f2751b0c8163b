"""The ids of the test images, which the submission repeats: a CSV of one column."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from stages.artifacts.arrays import FOLDER
from stages.artifacts.errors import PipelineError
from stages.artifacts.files import atomic_write

TEST_IDS = FOLDER / "test_ids.csv"

_DEFAULT_NAME = "ImageId"  # as in Kaggle's Digit Recognizer


class Writer:
    """Writes the ids block by block."""

    def __init__(self, stream: TextIO):
        self._stream = stream
        self._count = 0

    def append(self, count: int, ids: list[str] | None) -> None:
        """Write the ids of `count` images; without ids, they are numbered from 1."""
        first = self._count + 1
        self._stream.writelines(f"{image_id}\n" for image_id in ids or range(first, first + count))
        self._count += count


@contextmanager
def writing(name: str | None) -> Iterator[Writer]:
    """Yield a writer; `name` is that of the column, if test.csv has one. The file gets its final name at the end."""
    with atomic_write(TEST_IDS) as partial, partial.open("w", encoding="ascii", newline="\n") as stream:
        stream.write(f"{name or _DEFAULT_NAME}\n")
        yield Writer(stream)


def read(count: int) -> Iterator[str]:
    """Yield the name of the column, then the ids of `count` images.

    Raises PipelineError if the file is missing or damaged, in part only after the last id.
    """
    number = -1
    try:
        with TEST_IDS.open(encoding="ascii", errors="replace", newline="\n") as stream:
            for number, line in enumerate(stream):
                if number > count or not re.fullmatch(r"[\w.-]+\n", line, re.ASCII):
                    raise _damaged(f"line {number + 1}")
                yield line[:-1]
    except FileNotFoundError:
        raise PipelineError(f"{TEST_IDS} is missing: run dvc repro") from None
    if number != count:
        raise _damaged(f"expected {count} ids, found {max(number, 0)}")


def _damaged(what: str) -> PipelineError:
    return PipelineError(f"{TEST_IDS} is damaged ({what}): run dvc repro to make it again")
