from pathlib import Path

import numpy as np
import pytest

from stages import submit
from stages.artifacts import paths


def test_write_submission_is_in_the_format_of_kaggle(tmp_path: Path):
    path = tmp_path / "submission.csv"
    submit.write_submission(path, np.array([2, 0, 9], np.uint8))
    assert path.read_bytes() == b"ImageId,Label\n1,2\n2,0\n3,9\n"


@pytest.mark.parametrize(("test_csv", "is_own"), [(str(paths.MNIST_TEST_CSV), False), ("data/test.csv", True)])
def test_summary_warns_only_about_the_default_data(test_csv: str, is_own: bool):
    first, *rest = submit.summary(28_000, "cnn", test_csv).splitlines()
    assert first == f"{submit.SUBMISSION}: 28,000 predictions of cnn"
    assert rest == ([] if is_own else [submit.NOT_FOR_KAGGLE])
