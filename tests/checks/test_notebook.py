"""The notebook as it is committed, and run for real where the pipeline has made what it shows."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from checks.gate import snapshot
from checks.gate.snapshot import Snapshot
from checks.notebook import METADATA, NOTEBOOK, execute, read, write
from stages.artifacts import arrays, paths
from stages.config.params import load_params
from tests.helpers.workspace import ROOT

MODELS = ("mlp", "cnn")
SUBSETS = ("train", "validation", "test")
MARKS = ("accuracy", "loss", "brier", "ece")
ARTIFACTS = [
    load_params(ROOT / "params.yaml").data.train_csv,
    *map(paths.onnx_model, MODELS),
    *map(arrays.images_path, SUBSETS),
]
OF_HISTORY = {"changes", "params"}  # cells that compare with the last commit, which the next commit is not
MOST_BYTES = 400_000


@pytest.fixture
def notebook() -> NotebookNode:
    return read(ROOT / NOTEBOOK)


def code_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    return {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}


def kinds(cell: NotebookNode) -> list[tuple[str, list[str]]]:
    """What a cell's outputs are, whatever they say."""
    return [(output.output_type, sorted(output.get("data", [output.get("name")]))) for output in cell.outputs]


def text(cell: NotebookNode) -> str:
    """What a cell's outputs say, but for the pictures."""
    said = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return "\n".join(said)


def marks(snapshot: Snapshot) -> list[str]:
    files = [json.loads(snapshot.file(snapshot.METRICS, model)) for model in MODELS]
    return [f"{file[subset][mark]:.5f}" for file in files for subset in SUBSETS if subset in file for mark in MARKS]


def test_it_was_run_from_top_to_bottom(notebook: NotebookNode):
    cells = code_cells(notebook).values()
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert all(cell.outputs for cell in cells)


def test_nothing_in_it_went_wrong(notebook: NotebookNode):
    outputs = [output for cell in code_cells(notebook).values() for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]


def test_it_is_valid_and_small(notebook: NotebookNode):
    nbformat.validate(notebook)
    assert (ROOT / NOTEBOOK).stat().st_size < MOST_BYTES


def test_it_says_nothing_of_the_machine_that_ran_it(notebook: NotebookNode):
    assert notebook.metadata == METADATA
    assert not any(cell.metadata for cell in notebook.cells)
    said = "\n".join(map(text, code_cells(notebook).values()))
    assert not re.search(r"0x[0-9a-f]{6}|/(home|root|tmp)/|site-packages", said)


def test_its_marks_are_the_committed_ones(notebook: NotebookNode, monkeypatch: pytest.MonkeyPatch):
    """Or those of the workspace: before a commit these are newer, and after dvc repro on another CPU they differ."""
    monkeypatch.chdir(ROOT)
    shown = re.findall(r"\d\.\d{5}", text(code_cells(notebook)["metrics"]))
    assert shown in [marks(snapshot.of_workspace()), marks(snapshot.of_commit("HEAD"))], "run python -m checks.notebook"


@pytest.mark.skipif(
    not all((ROOT / artifact).is_file() for artifact in ARTIFACTS), reason="no data or networks to show: run dvc repro"
)
def test_it_runs_and_its_outputs_are_not_stale(notebook: NotebookNode):
    committed = code_cells(read(ROOT / NOTEBOOK))
    execute(notebook, ROOT)
    fresh = code_cells(notebook)
    for name, cell in fresh.items():
        assert kinds(cell) == kinds(committed[name]), f"{name}: run python -m checks.notebook"
    if text(fresh["metrics"]) == text(committed["metrics"]):  # else another CPU, or params, made the networks
        for name in fresh.keys() - OF_HISTORY:
            assert text(fresh[name]) == text(committed[name]), f"{name}: run python -m checks.notebook"


def small_notebook(source: str) -> NotebookNode:
    """One that was saved by an editor."""
    notebook = new_notebook(cells=[new_code_cell(source, id="only", metadata={"scrolled": True})])
    notebook.metadata = {"language_info": {"name": "python", "version": "3.0"}, "editor": {"theme": "dark"}}
    return notebook


def test_a_second_run_writes_the_same_bytes(tmp_path: Path):
    (tmp_path / "beside.py").write_text("CONTENT = 'found'\n")
    source = "%matplotlib inline\nimport beside, matplotlib.pyplot as plt\nprint(beside.CONTENT)\nplt.plot([1, 2]);"
    written = []
    for run in ("first", "second"):
        notebook = small_notebook(source)
        execute(notebook, tmp_path)
        write(notebook, tmp_path / run)
        written.append((tmp_path / run).read_bytes())
    assert written[0] == written[1]
    saved = read(tmp_path / "first")
    assert saved.metadata == METADATA and saved.cells[0].metadata == {}
    assert kinds(saved.cells[0]) == [("stream", ["stdout"]), ("display_data", ["image/png", "text/plain"])]


def test_a_cell_that_fails_is_an_error(tmp_path: Path):
    with pytest.raises(CellExecutionError, match="no such digit"):
        execute(small_notebook("raise ValueError('no such digit')"), tmp_path)
