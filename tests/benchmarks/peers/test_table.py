import json
from typing import Any

from benchmarks.peers.recipes import RECIPES
from benchmarks.peers.table import HEADINGS, UNTIMED, markdown, ratio, spread
from tests.helpers.markdown_cells import cells
from tests.helpers.peers_rows import row
from tests.helpers.workspace import ROOT


def report(*rows: dict[str, Any], epochs: int | None = None) -> str:
    return markdown({"machine": "a machine", "threads": 2, "epochs": epochs, "rows": rows})


def test_markdown_shows_spread_and_ratios_in_the_order_of_the_recipes():
    rows = [row("cnn", 100, accuracy=0.995), row("cnn", 200, accuracy=0.996, fit_seconds=11.0)]
    rows += [row("keras-convnet", 100, fit_seconds=20.0), row("keras-convnet", 200, fit_seconds=20.0)]
    text = report(*rows)
    headings, keras, cnn = cells(text)
    assert keras[0] == RECIPES["keras-convnet"].title
    assert cnn[:4] == ["this project's `cnn`", "99.55 ± 0.07", "0.0300 ± 0.0000", "2"]
    assert cnn[4:] == ["2", "1,234", "5,678", "9,000", "10.5", "0.53", ""]
    assert headings == list(HEADINGS)
    assert text.endswith("\nMachine: a machine.\n")


def test_markdown_leaves_the_speed_empty_if_there_is_no_onnx_file():
    *_, sklearn = cells(report(row("plain-mlp", 100), row("sklearn-mlp", 100, images_per_second=None)))
    assert sklearn[6:9] == ["5,678", "", "10.0"]


def test_markdown_leaves_times_empty_of_rows_fitted_beside_other_work():
    text = report(row("keras-convnet", 100), row("kaggle-convnet", 100, accuracy=0.997, beside_load=True))
    *_, kaggle = cells(text)
    assert kaggle[1:] == ["99.70", "0.0300", "1", "2", "1,234", "5,678", "", "", "", ""]
    assert UNTIMED in text
    assert UNTIMED not in report(row("keras-convnet", 100))


def test_markdown_takes_times_from_the_rows_that_have_them():
    beside = {"beside_load": True, "fit_seconds": 90.0, "images_per_second": 1.0}
    rows = [row("cnn", 100), row("cnn", 200, **beside)]
    rows += [row("keras-convnet", 100, fit_seconds=20.0), row("keras-convnet", 200, fit_seconds=20.0)]
    *_, cnn = cells(report(*rows))
    assert cnn[3] == "2"
    assert cnn[7:10] == ["9,000", "10.0", "0.50"]


def test_markdown_gives_no_ratio_to_a_reference_fitted_beside_other_work():
    *_, cnn = cells(report(row("cnn", 100), row("keras-convnet", 100, beside_load=True)))
    assert cnn[9] == ""


def test_markdown_states_that_a_trial_is_one():
    assert "A trial" in report(row("mlp", 100), epochs=1)
    assert "A trial" not in report(row("mlp", 100))


def test_ratio_is_the_median_of_the_ratios_within_a_round():
    times = {1: 10.0, 2: 30.0, 3: 12.0, 4: 99.0}
    own = [row("cnn", seed, fit_seconds=seconds) for seed, seconds in times.items()]
    reference = [row("keras-convnet", seed, fit_seconds=20.0) for seed in (1, 2, 3)]
    assert ratio(own, reference) == 0.6
    assert ratio(own, []) is None


def test_spread_is_the_sample_standard_deviation():
    assert spread([1.0, 2.0, 3.0], 2) == "2.00 ± 1.00"
    assert spread([1.0], 1) == "1.0"


def test_the_committed_table_shows_the_committed_rows():
    rows = json.loads((ROOT / "benchmarks/peers.json").read_text())
    assert (ROOT / "benchmarks/peers.md").read_text() == markdown(rows)
