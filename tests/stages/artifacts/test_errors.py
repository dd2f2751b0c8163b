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
from tests.helpers.workspace import ROOT


def python(script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script that may import the project."""
    environment = os.environ | variables
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("error", "printed"),
    [
        (PipelineError("do this"), "error: do this\n"),
        (PipelineError("one\n  line"), "error: one line\n"),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            f"error: {gettempdir()}: No space left on device: make room on that disk, then try again\n",
        ),
        (
            OSError(errno.EROFS, "Read-only file system", "a.csv"),
            "error: a.csv: Read-only file system: make its folder writable, then try again\n",
        ),
        (FileNotFoundError(errno.ENOENT, "No such file", "a.csv"), "error: a.csv: No such file\n"),
        (OSError("without a number"), "error: without a number\n"),
    ],
)
def test_an_error_that_the_user_can_fix_is_one_line(error: Exception, printed: str, capsys):
    def main() -> None:
        raise error

    with pytest.raises(SystemExit) as ended:
        errors.run(main)
    assert ended.value.code == 1
    assert capsys.readouterr().err == printed


def test_a_command_chooses_prefix_and_status_and_notes_keep_their_lines(capsys):
    def main() -> None:
        error = PipelineError("no such commit")
        error.add_note("  try another\n  or none")
        raise error

    with pytest.raises(SystemExit) as ended:
        errors.run(main, prefix="not comparable", status=2)
    assert ended.value.code == 2
    assert capsys.readouterr().err == "not comparable: no such commit\n  try another\n  or none\n"


@pytest.mark.parametrize(("returned", "status"), [(None, 0), (0, 0), (1, 1)])
def test_the_exit_status_is_what_main_returns(returned: int | None, status: int):
    script = f"from stages.artifacts.errors import run; run(lambda: {returned})"
    assert python(script).returncode == status


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        errors.run(lambda: 1 // 0)


def test_ctrl_c_is_one_word(capsys):
    def main() -> None:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        errors.run(main)
    assert ended.value.code == 130
    assert capsys.readouterr().err == "interrupted\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGPIPE")
def test_a_reader_that_goes_away_ends_the_command_without_a_word():
    script = "from stages.artifacts.errors import run; run(lambda: print(*range(100_000), sep=chr(10)))"
    command = f"{sys.executable} -c '{script}' | true; exit ${{PIPESTATUS[0]}}"
    finished = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert (finished.returncode, finished.stderr) == (141, "")


def test_ctrl_c_while_tensorflow_is_imported_shows_no_traceback(tmp_path: Path):
    (tmp_path / "keras.py").write_text("raise KeyboardInterrupt")
    finished = python("import stages.training.tensorflow", PYTHONPATH=str(tmp_path))
    assert (finished.returncode, finished.stderr) == (130, "interrupted\n")


def test_ctrl_c_as_the_process_ends_is_not_lost():
    script = """if True:
        import atexit, os, signal
        from stages.artifacts.errors import run
        atexit.register(os.kill, os.getpid(), signal.SIGINT)
        run(lambda: None)
    """
    finished = python(script)
    assert (finished.returncode, finished.stderr) == (-signal.SIGINT, "")
