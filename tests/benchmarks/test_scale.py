import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.scale import STAGES, Cost, markdown, measure, repeat_rows
from stages.artifacts.errors import PipelineError
from tests.helpers.markdown_cells import cells
from tests.helpers.workspace import ROOT

HOLD = """
import mmap, time
held, file = bytearray(100_000_000), open("file")
pages = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
sum(pages[::4096])
time.sleep(0.2)
"""


def test_repeat_rows_keeps_one_header(tmp_path: Path):
    (tmp_path / "once.csv").write_text("label,pixel0\n7,0\n1,255\n")
    repeat_rows(tmp_path / "once.csv", tmp_path / "new/thrice.csv", 3)
    assert (tmp_path / "new/thrice.csv").read_text() == "label,pixel0\n" + "7,0\n1,255\n" * 3


def test_measure_separates_own_memory_from_pages_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    (tmp_path / "file").write_bytes(bytes(50_000_000))
    held = measure(["-c", HOLD], tmp_path)
    assert 100e6 < held.own < 130e6
    assert held.peak > held.own + 45e6
    assert held.seconds > 0.2


def test_measure_refuses_a_process_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(PipelineError, match="no such thing"):
        measure(["-c", "raise SystemExit('no such thing')"], tmp_path)


def test_markdown_has_one_line_per_stage_and_size():
    costs = {factor: {stage: Cost(1.4 * factor, 50_000_000, 30_000_000) for stage in STAGES} for factor in (1, 10)}
    headings, *lines = cells(markdown(costs))
    assert len(headings) == 6
    assert len(lines) == 2 * len(STAGES)
    assert lines[1] == ["preprocess", "700,000", "14.0 s", "20 µs", "50 MB", "30 MB"]


def test_importing_scale_imports_no_numpy():
    """Linux counts the memory of the parent, until it runs another program, to the child."""
    program = "import benchmarks.scale, sys; print('numpy' in sys.modules)"
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, text=True, capture_output=True, check=True)
    assert finished.stdout == "False\n"
