import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from app import draw
from benchmarks.served_page import free_port
from stages.artifacts.errors import PipelineError
from tests.helpers.workspace import ROOT


def test_without_a_network_it_says_what_to_run(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["draw"])
    with pytest.raises(PipelineError, match=r"cnn\.onnx is missing: run dvc repro"):
        draw.main()


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x"])
def test_what_is_no_port_is_a_usage_error(port: str, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["draw", f"--port={port}"])
    with pytest.raises(SystemExit, match="2"):
        draw.main()
    assert f"{port} is not a number from 1 to 65535" in capsys.readouterr().err


SERVING = """
import sys
from app import draw
from stages.artifacts import errors
from tests.helpers.fake_reader import FakeReader, reading
draw.load_reader = lambda model: FakeReader(reading())
errors.run(draw.main)
"""


def start(*options: str) -> subprocess.Popen:
    """Start the command with a fixed answer in place of a network."""
    return subprocess.Popen(
        [sys.executable, "-c", SERVING, *options],
        cwd=ROOT, env=os.environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_it_says_where_it_is_and_control_c_ends_it_quietly():
    port = free_port()
    server = start("--port", str(port))
    assert server.stdout.readline() == f"Draw a digit at http://127.0.0.1:{port}/ (Ctrl-C ends it)\n"
    with urlopen(f"http://127.0.0.1:{port}/health", timeout=20) as answer:  # it listens before it serves
        assert answer.status == 200
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=20)
    assert (server.returncode, out, err) == (130, "", "interrupted\n")


@pytest.mark.slow
def test_a_file_in_place_of_the_folder_to_keep_in_is_one_line(tmp_path: Path):
    (tmp_path / "own").write_text("a file")
    server = start("--keep", str(tmp_path / "own"))
    out, err = server.communicate(timeout=20)
    assert (server.returncode, out, err) == (1, "", f"error: {tmp_path / 'own'}: File exists\n")


@pytest.mark.slow
def test_neither_tensorflow_nor_dvc_nor_pandas_is_imported():
    code = "import sys, app.draw; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"tensorflow", "keras", "dvc", "matplotlib", "pandas", "sklearn"} & set(loaded)


def test_the_apps_requirements_are_among_the_tests_own():
    app, dev = (
        {line.split()[0] for line in (ROOT / name).read_text().splitlines() if "==" in line}
        for name in ("requirements-app.txt", "requirements-dev.txt")
    )
    assert app <= dev
    assert not {line.split("==")[0] for line in app} & {"tensorflow", "keras", "dvc", "scikit-learn"}
