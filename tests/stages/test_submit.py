from pathlib import Path

import numpy as np
import pytest

from stages.artifacts.errors import PipelineError
from stages.submit import check_submission, write_submission


def test_the_submission_is_what_kaggle_takes(tmp_path: Path):
    path = tmp_path / "submission.csv"
    write_submission(path, np.array([2, 0, 9]))
    assert path.read_bytes() == b"ImageId,Label\n1,2\n2,0\n3,9\n"
    check_submission(path, rows=3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("ImageId,Label\n1,2\n", "ids 1 to 3"),
        ("ImageId,Label\n1,2\n3,0\n2,9\n", "ids 1 to 3"),
        ("ImageId,Label\n1,2\n2,0\n3,10\n", "labels from 0 to 9"),
        ("Id,Label\n1,2\n2,0\n3,9\n", "header ImageId,Label"),
    ],
    ids=["too few", "other order", "no digit", "other header"],
)
def test_what_kaggle_would_refuse_is_refused(content: str, message: str, tmp_path: Path):
    path = tmp_path / "submission.csv"
    path.write_text(content)
    with pytest.raises(PipelineError, match=message):
        check_submission(path, rows=3)
