"""The README's figures are the committed ones."""

import json

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_the_table_shows_the_committed_metrics(model: str):
    metrics = json.loads((ROOT / f"metrics/{model}.json").read_text())
    [row] = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith(f"| `{model}` |")]
    expected = [f"{metrics[subset]['accuracy'] * 100:.2f} %" for subset in ("train", "validation", "test")]
    assert [cell.strip() for cell in row.strip("|").split("|")][2:] == [f"{metrics['parameters']:,}", *expected]


def test_the_peers_are_the_committed_ones():
    table = ROOT / "benchmarks/peers.md"
    if not table.is_file():
        pytest.skip("the benchmark's results are not committed")
    assert table.read_text() in (ROOT / "README.md").read_text()
