from pathlib import Path

import numpy as np
import pytest

from stages import submit
from stages.artifacts import paths


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["ImageId", "1", "2", "3"], b"ImageId,Label\n1,2\n2,0\n3,9\n"),  # Digit Recognizer
        (["id", "0", "1", "2"], b"id,label\n0,2\n1,0\n2,9\n"),  # Kannada-MNIST
        (["ID", "007", "b.png", "1"], b"ID,Label\n007,2\nb.png,0\n1,9\n"),
    ],
)
def test_write_submission_is_in_the_format_of_kaggles_competitions(ids: list[str], expected: bytes, tmp_path: Path):
    path = tmp_path / "submission.csv"
    submit.write_submission(path, iter(ids), np.array([2, 0, 9], np.uint8))
    assert path.read_bytes() == expected


@pytest.mark.parametrize(("test_csv", "is_own"), [(str(paths.MNIST_TEST_CSV), False), ("data/test.csv", True)])
def test_summary_warns_only_about_the_default_data(test_csv: str, is_own: bool):
    first, *rest = submit.summary(28_000, "cnn", test_csv).splitlines()
    assert first == f"{submit.SUBMISSION}: 28,000 predictions of cnn"
    assert rest == ([] if is_own else [submit.NOT_FOR_KAGGLE])
