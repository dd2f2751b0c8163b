import re

import pytest

from benchmarks import page
from stages.artifacts.paths import onnx_model
from tests.helpers.workspace import ROOT


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / onnx_model("cnn")).is_file(), reason="no trained network: run dvc repro")
def test_measure_load_counts_answers_without_errors(capsys: pytest.CaptureFixture[str]):
    page.measure_load(clients=2, seconds=1)
    printed = capsys.readouterr().out
    found = re.match(r"2 clients, 1 s: (\d+) answers, \d+ a second, (\d+) errors, (\d+) misclassified; median", printed)
    assert int(found[1]) >= 2
    assert found[2] == "0"
    assert found[3] == "0"


def test_latencies_are_percentiles_and_the_largest():
    text = page.latencies([1.0] * 98 + [50.0, 200.0])
    assert text == "median 1 ms, 95 % 1 ms, 99 % 52 ms, largest 200 ms"
