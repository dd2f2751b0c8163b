from pathlib import Path

import pytest

from benchmarks.scale import STAGES, Cost, markdown, measure, repeat_rows
from stages.artifacts.errors import PipelineError
from tests.helpers.workspace import ROOT

HOLD = """
import mmap, time
held, file = bytearray(100_000_000), open("file")
pages = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
sum(pages[::4096])
time.sleep(0.2)
"""


def test_rows_are_repeated_and_the_header_is_not(tmp_path: Path):
    (tmp_path / "once.csv").write_text("label,pixel0\n7,0\n1,255\n")
    repeat_rows(tmp_path / "once.csv", tmp_path / "new/thrice.csv", 3)
    assert (tmp_path / "new/thrice.csv").read_text() == "label,pixel0\n" + "7,0\n1,255\n" * 3


def test_memory_of_its_own_and_pages_of_files_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    (tmp_path / "file").write_bytes(bytes(50_000_000))
    held = measure(["-c", HOLD], tmp_path)
    assert 100e6 < held.own < 130e6
    assert held.peak > held.own + 45e6
    assert held.seconds > 0.2


def test_a_process_that_fails_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(PipelineError, match="no such thing"):
        measure(["-c", "raise SystemExit('no such thing')"], tmp_path)


def test_there_is_a_line_for_each_stage_and_size():
    costs = {factor: {stage: Cost(1.4 * factor, 50_000_000, 30_000_000) for stage in STAGES} for factor in (1, 10)}
    lines = markdown(costs).splitlines()
    assert len(lines) == 2 + 2 * len(STAGES)
    assert lines[3] == "| preprocess | 700,000 | 14.0 s | 20 µs | 50 MB | 30 MB |"
