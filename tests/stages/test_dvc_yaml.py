"""dvc.yaml against the code: DVC does not follow imports, so each stage has to list the folders that it uses."""

import ast
import shutil
from graphlib import TopologicalSorter
from pathlib import Path
from typing import get_args

import pytest
import yaml
from dvc.fs import LocalFileSystem
from dvc.repo import Repo

from stages import submit
from stages.artifacts import arrays, image_ids, paths
from stages.evaluation.robustness import CORRUPTIONS
from tests.helpers.workspace import ROOT

DVC_YAML = yaml.safe_load((ROOT / "dvc.yaml").read_text())
STAGES = {name: stage.get("do", stage) for name, stage in DVC_YAML["stages"].items()}
MODELS = ["mlp", "cnn"]


def imported_by(path: Path) -> set[Path]:
    """The project's own modules that a module imports itself."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {ROOT / (name.replace(".", "/") + ".py") for name in names}
    return {module for module in found if module.is_file()}


def imported_in_the_end_by(path: Path) -> set[Path]:
    found, new = set(), {path}
    while new:
        found |= new
        new = set().union(*map(imported_by, new)) - found
    return found


def code_deps(stage: str) -> set[Path]:
    """The script and the folders of code that dvc.yaml lists for a stage."""
    return {ROOT / dep for dep in STAGES[stage]["deps"] if dep.startswith("stages/")}


def room_of(module: Path) -> str:
    return module.relative_to(ROOT / "stages").parts[0]


@pytest.mark.parametrize("stage", STAGES)
def test_every_import_of_a_stage_lies_within_its_deps(stage: str):
    deps = code_deps(stage)
    imported = imported_in_the_end_by(ROOT / f"stages/{stage}.py")
    assert {module for module in imported if not deps & {module, *module.parents}} == set()


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_no_folder_that_it_does_not_use(stage: str):
    imported = imported_in_the_end_by(ROOT / f"stages/{stage}.py")
    used = {dep for dep in code_deps(stage) if any(dep in (module, *module.parents) for module in imported)}
    assert code_deps(stage) == used


def test_train_reaches_neither_ingest_nor_evaluation():
    rooms = {
        module.relative_to(ROOT / "stages").parts[0] for module in imported_in_the_end_by(ROOT / "stages/train.py")
    }
    assert rooms == {"train.py", "artifacts", "config", "inference", "training"}


def test_imports_between_rooms_go_one_way():
    rooms: dict[str, set[str]] = {}
    for module in (ROOT / "stages").rglob("*.py"):
        used = {room_of(other) for other in imported_by(module)} - {room_of(module)}
        rooms[room_of(module)] = rooms.get(room_of(module), set()) | used
    TopologicalSorter(rooms).prepare()  # raises CycleError


def test_a_room_does_nothing_when_it_is_imported():
    for package in (ROOT / "stages").rglob("__init__.py"):
        [docstring] = ast.parse(package.read_text()).body
        assert isinstance(docstring, ast.Expr)


def test_only_stages_that_train_import_tensorflow():
    door = ROOT / "stages/training/tensorflow.py"
    using = {stage for stage in STAGES if door in imported_in_the_end_by(ROOT / f"stages/{stage}.py")}
    importing = {path for path in (ROOT / "stages").rglob("*.py") if "import tensorflow as" in path.read_text()}
    assert using == {"train", "screen"}
    assert importing == {door}


def test_of_the_code_dvc_sees_the_modules_alone(tmp_path: Path):
    """Bytecode, notes and an editor's files in a folder of code make nothing stale; another module does."""
    folder = tmp_path / "stages/ingest"
    folder.mkdir(parents=True)
    (folder / "split.py").write_text("1")
    shutil.copy(ROOT / ".dvcignore", tmp_path)
    Repo.init(tmp_path, no_scm=True).close()

    def seen() -> set[str]:
        with Repo(tmp_path) as repo:
            return {
                Path(path).relative_to(tmp_path).as_posix() for path in repo.dvcignore.find(LocalFileSystem(), folder)
            }

    assert seen() == {"stages/ingest/split.py"}
    (folder / "__pycache__").mkdir()
    for junk in ("__pycache__/split.cpython-311.pyc", ".split.py.swp", "NOTES.md", ".DS_Store"):
        (folder / junk).touch()
    assert seen() == {"stages/ingest/split.py"}
    (folder / "new").mkdir()
    (folder / "new/module.py").touch()
    assert seen() == {"stages/ingest/split.py", "stages/ingest/new/module.py"}


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_a_description_and_runs_its_module(stage: str):
    assert STAGES[stage]["desc"]
    assert STAGES[stage]["cmd"].startswith(f"python -m stages.{stage}")


def outs(stage: str) -> set[str]:
    return {name for out in STAGES[stage]["outs"] for name in ([out] if isinstance(out, str) else out)}


def test_outs_are_the_paths_that_the_code_writes():
    subsets = get_args(arrays.Subset)
    assert outs("download") == {str(paths.MNIST_TRAIN_CSV), str(paths.MNIST_TEST_CSV)}
    kinds = (arrays.images_path, arrays.labels_path, arrays.lines_path)
    prepared = {path(subset) for subset in subsets for path in kinds}
    plots = {paths.DATA_PLOTS / name for name in ("classes.csv", "ink.csv", "means.png", "samples.png")}
    assert outs("preprocess") == {path.as_posix() for path in prepared | plots | {image_ids.TEST_IDS, paths.NO_TEACHER}}
    assert STAGES["preprocess"]["metrics"] == [{str(paths.DATA_METRICS): {"cache": False}}]
    assert {str(paths.keras_model("${key}")), str(paths.onnx_model("${key}"))} < outs("train")
    any_model = "${key}"
    assert STAGES["evaluate"]["metrics"] == [{str(paths.metrics(any_model)): {"cache": False}}]
    curves = {out for out in outs("evaluate") if "robustness" in out}
    assert curves == {(paths.plots(any_model) / f"robustness/{name}.csv").as_posix() for name in CORRUPTIONS}
    assert outs("screen") == {paths.SCREEN.as_posix(), (paths.plots("screen") / "passed.csv").as_posix()}
    assert outs("submit") == {submit.SUBMISSION.as_posix()}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_each_curve_of_robustness_is_plotted_of_both_networks(name: str):
    [plot] = [entry[title] for entry in DVC_YAML["plots"] for title in entry if title == f"accuracy against {name}"]
    assert plot["x"] == CORRUPTIONS[name].unit
    assert plot["y"] == {f"plots/{model}/robustness/{name}.csv": "accuracy" for model in MODELS}


def test_a_network_is_trained_after_its_teacher():
    assert str(paths.keras_model("${item.teacher}")) in STAGES["train"]["deps"]
    assert paths.keras_model("none") == paths.NO_TEACHER


def test_no_users_file_is_an_out():
    for stage in STAGES:
        for out in outs(stage):
            assert not Path("data/train.csv").is_relative_to(out)
            assert not Path("data/test.csv").is_relative_to(out)


def test_there_is_an_artifact_for_each_model():
    assert {name: entry["path"] for name, entry in DVC_YAML["artifacts"].items()} == {
        model: str(paths.onnx_model(model)) for model in [*MODELS, "screen"]
    }
    assert all(entry["desc"] for entry in DVC_YAML["artifacts"].values())
