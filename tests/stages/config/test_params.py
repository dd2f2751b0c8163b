import inspect
import pickle
import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import ValidationError

from stages.artifacts.errors import PipelineError
from stages.config.params import PARAMS_FILE, TEACHER_THREADS, OptimizerName, Params, load_params
from tests.helpers.workspace import ROOT


def load_changed(tmp_path: Path, change) -> Params:
    tree = yaml.safe_load((ROOT / PARAMS_FILE).read_text())
    change(tree)
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(tree))
    return load_params(path)


@pytest.fixture(scope="module")
def params() -> Params:
    return load_params(ROOT / PARAMS_FILE)


def test_load_params_reads_the_committed_file(params: Params):
    assert params.model("mlp").layers == [128, 64]


def test_params_are_frozen(params: Params):
    with pytest.raises(ValidationError, match="frozen"):
        params.seed = 1


def test_params_survive_pickling_as_worker_processes_receive_them(params: Params):
    assert pickle.loads(pickle.dumps(params)) == params


def test_changed_replaces_values_in_a_copy(params: Params):
    mlp = params.models.mlp
    assert mlp.changed(epochs=3, dropout=0).model_dump() == mlp.model_dump() | {"epochs": 3, "dropout": 0.0}
    assert mlp.epochs == 100


@pytest.mark.parametrize("values", [{"epochs": 0}, {"epoch": 3}])
def test_changed_checks_values(values: dict[str, int], params: Params):
    with pytest.raises(ValidationError, match=next(iter(values))):
        params.models.mlp.changed(**values)


@pytest.mark.parametrize(("mlp", "cnn", "expected"), [(1, 1, TEACHER_THREADS), (5, 1, 5), (1, 6, 6)])
def test_training_threads_are_enough_for_a_teacher_and_either_network(
    mlp: int, cnn: int, expected: int, params: Params
):
    threads = {"mlp": mlp, "cnn": cnn}
    models = {name: params.model(name).changed(threads=threads[name]) for name in threads}
    assert params.changed(models=params.models.changed(**models)).training_threads == expected


REFUSED = {
    "unknown key": (lambda t: t.update(sead=1), "sead: unknown key; is it 'seed'?"),
    "unknown key inside": (
        lambda t: t["models"]["cnn"].update(epoch=1),
        "models.cnn.epoch: unknown key; is it 'epochs'?",
    ),
    "a misspelt key, so that the right one is missing": (
        lambda t: t["models"]["cnn"].update(epoch=t["models"]["cnn"].pop("epochs")),
        "models.cnn.epoch: unknown key; is it 'epochs'?",
    ),
    "a key in capitals": (lambda t: t.update(SEED=t.pop("seed")), "SEED: unknown key; is it 'seed'?"),
    "a key that is a number": (lambda t: t["split"].update({1: 2}), "split.1: unknown key"),
    "a key of two lines": (lambda t: t.update({"a\nb": 1}), "a b: unknown key"),
    "missing key": (lambda t: t["models"]["mlp"]["augment"].pop("zoom"), "models.mlp.augment.zoom: missing key"),
    "text for a number": (lambda t: t.update(seed="ten"), "seed: expected a valid integer, found 'ten'"),
    "YAML 1.1's float": (
        lambda t: t["models"]["mlp"].update(learning_rate="1e-3"),
        "models.mlp.learning_rate: expected a valid number, found '1e-3'; YAML reads 1e-3 as text, 1.0e-3 as a number",
    ),
    "float for an int": (
        lambda t: t["models"]["mlp"].update(epochs=1.0),
        "models.mlp.epochs: expected a valid integer, found 1.0",
    ),
    "bool for an int": (lambda t: t.update(threads=True), "threads: expected a valid integer, found True"),
    "int for a bool": (lambda t: t.update(deterministic=1), "deterministic: expected a valid boolean, found 1"),
    "below the range": (
        lambda t: t["models"]["cnn"].update(epochs=0),
        "models.cnn.epochs: expected greater than or equal to 1, found 0",
    ),
    "above the range": (
        lambda t: t["split"].update(validation=1.0),
        "split.validation: expected less than or equal to 0.9, found 1.0",
    ),
    "not a number": (
        lambda t: t["split"].update(validation=float("nan")),
        "split.validation: expected a finite number, found nan",
    ),
    "bool for a float": (
        lambda t: t["models"]["mlp"].update(dropout=False),
        "models.mlp.dropout: expected a valid number, found False",
    ),
    "number for a list": (
        lambda t: t["models"]["mlp"].update(layers=128),
        "models.mlp.layers: expected a valid list, found 128",
    ),
    "empty list": (
        lambda t: t["models"]["mlp"].update(layers=[]),
        "models.mlp.layers: List should have at least 1 item, found []",
    ),
    "wrong item": (
        lambda t: t["models"]["mlp"].update(layers=[128, 0]),
        "models.mlp.layers.1: expected greater than or equal to 1, found 0",
    ),
    "cnn without four layers": (
        lambda t: t["models"]["cnn"].update(layers=[8, 8]),
        "models.cnn.layers: List should have at least 4 items, found [8, 8]",
    ),
    "unknown optimizer": (
        lambda t: t["models"]["mlp"].update(optimizer="adma"),
        "models.mlp.optimizer: expected 'adadelta', 'adafactor', ",
    ),
    "an optimizer in capitals": (
        lambda t: t["models"]["mlp"].update(optimizer="AdamW"),
        "or 'sgd', found 'AdamW'; is it 'adamw'?",
    ),
    "unknown model": (lambda t: t["submit"].update(model="rnn"), "submit.model: expected 'mlp' or 'cnn', found 'rnn'"),
    "a model in capitals": (  # dvc.yaml would look for models/CNN.onnx
        lambda t: t["submit"].update(model="CNN"),
        "submit.model: expected 'mlp' or 'cnn', found 'CNN'; is it 'cnn'?",
    ),
    "int beyond all floats": (
        lambda t: t["models"]["mlp"].update(learning_rate=10**400),
        "models.mlp.learning_rate: expected a valid number, found 1000",
    ),
    "teacher by path": (
        lambda t: t["models"]["mlp"].update(teacher="models/cnn.keras"),
        "models.mlp.teacher: expected none, or the name of a .keras file in models/ (a-z, 0-9, _, -), "
        "found 'models/cnn.keras'",
    ),
    "YAML's own none": (
        lambda t: t["models"]["mlp"].update(teacher=None),
        "models.mlp.teacher: expected a valid string",
    ),
    "None for none": (lambda t: t["models"]["mlp"].update(teacher="None"), "models.mlp.teacher: expected none, or"),
    "a teacher asked once": (
        lambda t: t["models"]["mlp"]["distillation"].update(teacher_epochs=1),
        "models.mlp.distillation.teacher_epochs: expected greater than or equal to 2",
    ),
    "label share in percent": (
        lambda t: t["models"]["mlp"]["distillation"].update(label_share=10),
        "models.mlp.distillation.label_share: expected less than or equal to 1, found 10",
    ),
    "empty path": (lambda t: t["data"].update(train_csv=""), "data.train_csv: expected the path of a CSV, found ''"),
    "blank path": (
        lambda t: t["data"].update(test_csv=" \t"),
        "data.test_csv: expected the path of a CSV, found ' \\t'",
    ),
    "value for a section": (lambda t: t.update(split=0.1), "split: expected a valid dictionary, found 0.1"),
    "section for a value": (lambda t: t.update(seed={"a": 1}), "seed: expected a valid integer, found {'a': 1}"),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_load_params_names_the_key_and_what_is_wrong(change, message: str, tmp_path: Path):
    with pytest.raises(PipelineError, match=re.escape(message)) as error:
        load_changed(tmp_path, change)
    assert str(error.value).startswith(f"{tmp_path}/params.yaml: ")


@pytest.mark.parametrize("content", ["", "seed: [", "- 1", "just text", "\0", "seed: 1\nseed: 2", "? [a]\n: 1"])
def test_load_params_refuses_what_is_not_a_mapping(content: str, tmp_path: Path):
    path = tmp_path / "params.yaml"
    path.write_text(content)
    with pytest.raises(PipelineError, match=r"params\.yaml"):
        load_params(path)


def test_load_params_asks_for_the_root_if_there_is_no_file(tmp_path: Path):
    with pytest.raises(PipelineError, match=r"params.yaml is missing"):
        load_params(tmp_path / "params.yaml")


def test_load_params_accepts_an_integer_as_a_float(tmp_path: Path):
    params = load_changed(tmp_path, lambda t: t["models"]["mlp"]["augment"].update(shift=2))
    assert type(params.models.mlp.augment.shift) is float


def test_optimizer_names_are_those_of_keras():
    from stages.training.tensorflow import keras

    not_optimizers = {"lossscaleoptimizer", "multioptimizer", "optimizer", "optimizermap"}
    names = {name.lower() for name, member in vars(keras.optimizers).items() if inspect.isclass(member)}
    assert set(get_args(OptimizerName)) == names - not_optimizers
