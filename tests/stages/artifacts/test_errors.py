import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import gettempdir

import pytest

from stages.artifacts import errors
from stages.artifacts.errors import PipelineError
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PipelineError("do this"), "error: do this"),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            f"error: {gettempdir()}: No space left on device: make room",
        ),
        (
            OSError(errno.EROFS, "Read-only file system", "a.csv"),
            "error: a.csv: Read-only file system: make its folder",
        ),
        (FileNotFoundError(errno.ENOENT, "No such file", "a.csv"), "error: a.csv: No such file"),
        (OSError("without a number"), "error: without a number"),
    ],
)
def test_what_a_user_can_mend_is_one_line(error: Exception, said: str):
    def main() -> None:
        raise error

    with pytest.raises(SystemExit) as ended:
        errors.run(main)
    assert ended.value.code.startswith(said)
    assert "\n" not in ended.value.code


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        errors.run(lambda: 1 / 0)


def test_ctrl_c_while_tensorflow_is_imported_shows_no_traceback(tmp_path: Path):
    (tmp_path / "keras.py").write_text("raise KeyboardInterrupt")
    finished = subprocess.run(
        [sys.executable, "-c", "import stages.training.tensorflow"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (finished.returncode, finished.stderr) == (130, "interrupted\n")


def test_ctrl_c_as_the_process_ends_is_not_lost():
    script = """if True:
        import atexit, os, signal
        from stages.artifacts.errors import run
        atexit.register(os.kill, os.getpid(), signal.SIGINT)
        run(lambda: None)
    """
    finished = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert (finished.returncode, finished.stderr) == (-signal.SIGINT, "")
