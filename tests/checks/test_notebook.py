"""The committed notebook, and a run of it if the workspace has the data and the networks."""

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
from checks.notebook import METADATA, NOTEBOOK, execute
from stages.artifacts import arrays, paths
from stages.config.params import load_params
from tests.helpers.workspace import ROOT

MODELS = ("mlp", "cnn")
SUBSETS = ("train", "validation", "test")
ARTIFACTS = [
    load_params(ROOT / "params.yaml").data.train_csv,
    *map(paths.onnx_model, MODELS),
    *map(arrays.images_path, SUBSETS),
]
OF_HISTORY = {"changes", "params"}  # cells that compare the workspace with the last commit
MAX_BYTES = 400_000


@pytest.fixture
def notebook() -> NotebookNode:
    return nbformat.read(ROOT / NOTEBOOK, nbformat.NO_CONVERT)


def code_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    return {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}


def kinds(cell: NotebookNode) -> list[tuple[str, list[str]]]:
    """Return the types of a cell's outputs."""
    return [(output.output_type, sorted(output.get("data", [output.get("name")]))) for output in cell.outputs]


def text(cell: NotebookNode) -> str:
    """Return the text in a cell's outputs."""
    return "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def accuracy_and_loss(side: Snapshot) -> list[tuple[str, str]]:
    """Return those of each network and subset, as the notebook formats them."""
    files = [json.loads(side.file(snapshot.METRICS, model)) for model in MODELS]
    rows = [file[subset] for file in files for subset in SUBSETS if subset in file]
    return [(f"{row['accuracy']:.5f}", f"{row['loss']:.5f}") for row in rows]


def test_committed_notebook_was_run_from_top_to_bottom(notebook: NotebookNode):
    cells = code_cells(notebook).values()
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert all(cell.outputs for cell in cells)


def test_committed_notebook_has_neither_errors_nor_warnings(notebook: NotebookNode):
    outputs = [output for cell in code_cells(notebook).values() for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]


def test_committed_notebook_is_valid_and_small(notebook: NotebookNode):
    nbformat.validate(notebook)
    assert (ROOT / NOTEBOOK).stat().st_size < MAX_BYTES


def test_committed_notebook_is_independent_of_the_machine(notebook: NotebookNode):
    assert notebook.metadata == METADATA
    assert not any(cell.metadata for cell in notebook.cells)
    assert not re.search(r"0x[0-9a-f]{6}|/(home|root|tmp)/|site-packages", str(code_cells(notebook)))


def test_committed_metrics_cell_is_not_stale(notebook: NotebookNode, monkeypatch: pytest.MonkeyPatch):
    """It belongs to the workspace or to the last commit: on some CPUs dvc repro changes the workspace."""
    monkeypatch.chdir(ROOT)
    shown = re.findall(r"(\d\.\d{5}) +(\d\.\d{5}) +\d\.\d{5} +\d\.\d{5}", text(code_cells(notebook)["metrics"]))
    expected = [accuracy_and_loss(side) for side in (snapshot.of_workspace(), snapshot.of_commit("HEAD"))]
    assert shown in expected, "run python -m checks.notebook"


@pytest.mark.slow
@pytest.mark.skipif(
    not all((ROOT / artifact).is_file() for artifact in ARTIFACTS), reason="no data or networks: run dvc repro"
)
def test_committed_outputs_are_not_stale(notebook: NotebookNode):
    committed = code_cells(nbformat.read(ROOT / NOTEBOOK, nbformat.NO_CONVERT))
    execute(notebook, ROOT)
    fresh = code_cells(notebook)
    for name, cell in fresh.items():
        assert kinds(cell) == kinds(committed[name]), f"{name}: run python -m checks.notebook"
    if text(fresh["metrics"]) == text(committed["metrics"]):  # else another CPU, or params, made the networks
        for name in fresh.keys() - OF_HISTORY:
            assert text(fresh[name]) == text(committed[name]), f"{name}: run python -m checks.notebook"


def small_notebook(source: str) -> NotebookNode:
    """Return a notebook with one cell, and with an editor's metadata."""
    notebook = new_notebook(cells=[new_code_cell(source, id="only", metadata={"scrolled": True})])
    notebook.metadata = {"language_info": {"name": "python", "version": "3.0"}, "editor": {"theme": "dark"}}
    return notebook


@pytest.mark.slow
def test_execute_gives_the_same_notebook_twice(tmp_path: Path):
    (tmp_path / "neighbour.py").write_text("CONTENT = 'found'\n")
    source = "%matplotlib inline\nimport neighbour, matplotlib.pyplot as p\nprint(neighbour.CONTENT)\np.plot([1, 2]);"
    first, second = small_notebook(source), small_notebook(source)
    execute(first, tmp_path)
    execute(second, tmp_path)
    assert nbformat.writes(first) == nbformat.writes(second)
    assert first.metadata == METADATA
    assert first.cells[0].metadata == {}
    assert kinds(first.cells[0]) == [("stream", ["stdout"]), ("display_data", ["image/png", "text/plain"])]


def test_execute_raises_if_a_cell_fails(tmp_path: Path):
    with pytest.raises(CellExecutionError, match="no such digit"):
        execute(small_notebook("raise ValueError('no such digit')"), tmp_path)
