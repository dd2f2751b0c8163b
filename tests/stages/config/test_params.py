import dataclasses
import inspect
from pathlib import Path
from typing import get_args

import pytest
import yaml

from stages.artifacts.errors import PipelineError
from stages.config.params import PARAMS_FILE, OptimizerName, Params, load_params
from tests.helpers.workspace import ROOT


def load_changed(tmp_path: Path, change) -> Params:
    tree = yaml.safe_load((ROOT / PARAMS_FILE).read_text())
    change(tree)
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(tree))
    return load_params(path)


def test_the_committed_params_load_and_are_frozen():
    params = load_params(ROOT / PARAMS_FILE)
    assert params.model("mlp").layers == (128, 64)
    with pytest.raises(dataclasses.FrozenInstanceError):
        params.seed = 1


REFUSED = {
    "unknown key": (lambda t: t.update(sead=1), "sead: unknown key; is it 'seed'?"),
    "unknown key inside": (
        lambda t: t["models"]["cnn"].update(epoch=1),
        "models.cnn.epoch: unknown key; is it 'epochs'",
    ),
    "missing key": (lambda t: t["models"]["mlp"]["augment"].pop("zoom"), "models.mlp.augment.zoom: missing key"),
    "text for a number": (lambda t: t.update(seed="ten"), "seed: expected a whole number, found 'ten'"),
    "YAML 1.1's float": (
        lambda t: t["models"]["mlp"].update(learning_rate="1e-3"),
        "models.mlp.learning_rate: expected a number, found '1e-3'; YAML reads this as text, write 0.001",
    ),
    "float for an int": (lambda t: t["models"]["mlp"].update(epochs=1.5), "models.mlp.epochs: expected a whole number"),
    "bool for an int": (lambda t: t.update(threads=True), "threads: expected a whole number, found True"),
    "int for a bool": (lambda t: t.update(deterministic=1), "deterministic: expected true or false, found 1"),
    "below the range": (
        lambda t: t["models"]["cnn"].update(epochs=0),
        "models.cnn.epochs: expected 1 to 10000, found 0",
    ),
    "above the range": (
        lambda t: t["split"].update(validation=1.0),
        "split.validation: expected 0.001 to 0.9, found 1.0",
    ),
    "not a number": (lambda t: t["split"].update(validation=float("nan")), "split.validation: expected 0.001 to 0.9"),
    "number for a list": (lambda t: t["models"]["mlp"].update(layers=128), "models.mlp.layers: expected a list"),
    "empty list": (lambda t: t["models"]["mlp"].update(layers=[]), "models.mlp.layers: expected a list"),
    "wrong item": (
        lambda t: t["models"]["mlp"].update(layers=[128, 0]),
        "models.mlp.layers: expected 1 to 8192, found 0",
    ),
    "cnn without four layers": (
        lambda t: t["models"]["cnn"].update(layers=[8, 8]),
        "models.cnn.layers: expected 4 values, found 2",
    ),
    "unknown optimizer": (
        lambda t: t["models"]["mlp"].update(optimizer="adma"),
        "models.mlp.optimizer: expected one of",
    ),
    "unknown model": (lambda t: t["submit"].update(model="rnn"), "submit.model: expected one of mlp, cnn, found 'rnn'"),
    "int beyond all floats": (
        lambda t: t["models"]["mlp"].update(learning_rate=10**400),
        "models.mlp.learning_rate: expected a number",
    ),
    "teacher by path": (
        lambda t: t["models"]["mlp"].update(teacher="models/cnn.keras"),
        "models.mlp.teacher: expected none, or the name of a .keras file in models/ (a-z, 0-9, _ and -), "
        "found 'models/cnn.keras'",
    ),
    "YAML's own none": (lambda t: t["models"]["mlp"].update(teacher=None), "models.mlp.teacher: expected a text"),
    "None for none": (lambda t: t["models"]["mlp"].update(teacher="None"), "models.mlp.teacher: expected none, or"),
    "a teacher asked once": (
        lambda t: t["models"]["mlp"]["distillation"].update(teacher_epochs=1),
        "models.mlp.distillation.teacher_epochs: expected 2 to",
    ),
    "label share in percent": (
        lambda t: t["models"]["mlp"]["distillation"].update(label_share=10),
        "models.mlp.distillation.label_share: expected 0 to 1, found 10",
    ),
    "empty path": (lambda t: t["data"].update(train_csv=""), "data.train_csv: expected a text"),
    "value for a section": (lambda t: t.update(split=0.1), "split: expected keys and values, found 0.1"),
    "section for a value": (lambda t: t.update(seed={"a": 1}), "seed: expected a whole number"),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_fault_names_its_key(change, message: str, tmp_path: Path):
    with pytest.raises(PipelineError) as error:
        load_changed(tmp_path, change)
    assert f"params.yaml: {message}" in str(error.value)


@pytest.mark.parametrize("content", ["", "seed: [", "- 1", "just text", "\0", "seed: 1\nseed: 2", "? [a]\n: 1"])
def test_what_is_no_mapping_is_refused(content: str, tmp_path: Path):
    path = tmp_path / "params.yaml"
    path.write_text(content)
    with pytest.raises(PipelineError, match=r"params\.yaml"):
        load_params(path)


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(PipelineError, match=r"params.yaml is missing"):
        load_params(tmp_path / "params.yaml")


def test_a_whole_number_will_do_for_a_float(tmp_path: Path):
    params = load_changed(tmp_path, lambda t: t["models"]["mlp"]["augment"].update(shift=2))
    assert params.models.mlp.augment.shift == 2.0


@pytest.mark.parametrize("name", ["adam", "Adam", "RMSprop", "SGD"])
def test_an_optimizer_may_be_written_as_keras_writes_it(name: str, tmp_path: Path):
    params = load_changed(tmp_path, lambda t: t["models"]["mlp"].update(optimizer=name))
    assert params.models.mlp.optimizer == name.lower()


def test_the_optimizers_are_those_of_keras():
    from stages.training.tensorflow import keras

    no_optimizers_by_themselves = {"lossscaleoptimizer", "multioptimizer", "optimizer", "optimizermap"}
    names = {name.lower() for name, member in vars(keras.optimizers).items() if inspect.isclass(member)}
    assert set(get_args(OptimizerName)) == names - no_optimizers_by_themselves
