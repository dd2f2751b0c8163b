"""dvc.yaml against the code: DVC does not follow imports, so each stage has to list every module that it runs."""

import ast
from pathlib import Path

import pytest
import yaml

from stages import submit
from stages.artifacts import arrays, paths
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


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_just_the_modules_that_it_imports(stage: str):
    listed = {dep for dep in STAGES[stage]["deps"] if dep.endswith(".py")}
    imported = imported_in_the_end_by(ROOT / "stages" / f"{stage}.py")
    assert listed == {module.relative_to(ROOT).as_posix() for module in imported}


def test_the_package_itself_does_nothing():
    [docstring] = ast.parse((ROOT / "stages" / "__init__.py").read_text()).body
    assert isinstance(docstring, ast.Expr) and isinstance(docstring.value, ast.Constant)


def test_only_train_imports_tensorflow():
    using = {
        stage
        for stage in STAGES
        if ROOT / "stages/training/tensorflow.py" in imported_in_the_end_by(ROOT / f"stages/{stage}.py")
    }
    importing = {path.name for path in (ROOT / "stages").rglob("*.py") if "import tensorflow" in path.read_text()}
    assert using == {"train"} and importing == {"tensorflow.py"}


def test_what_has_nothing_to_do_with_training_retrains_nothing():
    others = ("scores", "gate_params", "kaggle_csv", "split", "robustness", "evaluate", "submit", "preprocess")
    assert not {f"stages/{module}.py" for module in others} & set(STAGES["train"]["deps"])


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_says_what_it_does(stage: str):
    assert STAGES[stage]["desc"]
    assert STAGES[stage]["cmd"].startswith(f"python -m stages.{stage}")


def outs(stage: str) -> set[str]:
    return {name for out in STAGES[stage]["outs"] for name in ([out] if isinstance(out, str) else out)}


def test_the_outs_lie_where_the_code_writes_them():
    subsets = ("train", "validation", "test")
    assert outs("download") == {str(paths.MNIST_TRAIN_CSV), str(paths.MNIST_TEST_CSV)}
    arrays = {path for subset in subsets for path in (arrays.images_path(subset), arrays.labels_path(subset))}
    assert outs("preprocess") == {path.as_posix() for path in arrays | {paths.NO_TEACHER}}
    assert {str(paths.keras_model("${key}")), str(paths.onnx_model("${key}"))} < outs("train")
    any_model = "${item.model}"
    assert str(paths.metrics(any_model)) in outs("evaluate")
    curves = {out for out in outs("evaluate") if "robustness" in out}
    assert curves == {(paths.plots(any_model) / f"robustness/{name}.csv").as_posix() for name in CORRUPTIONS}
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
        model: str(paths.onnx_model(model)) for model in MODELS
    }
    assert all(entry["desc"] for entry in DVC_YAML["artifacts"].values())
