import json
import time
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest

from stages.artifacts.errors import PipelineError
from stages.artifacts.images import normalise
from stages.config.params import load_params
from stages.inference.classifier import OnnxClassifier
from stages.ingest.kaggle_csv import Table
from stages.training import export, networks
from stages.training.tensorflow import keras
from tests.helpers.workspace import ROOT

pytestmark = pytest.mark.slow

PARAMS = load_params(ROOT / "params.yaml")


@pytest.fixture(scope="module", params=["mlp", "cnn", "members"])
def model(request: pytest.FixtureRequest) -> keras.Model:
    if request.param == "members":
        return networks.inference_model(
            [networks.build("mlp", PARAMS.models.mlp, seed) for seed in (1, 2)], 1.5, shift=0
        )
    params = PARAMS.model(request.param)
    return networks.inference_model([networks.build(request.param, params, seed=1)], 1.5, params.test_shift)


@pytest.fixture(scope="module")
def files(model: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    export.save_keras(model, folder / "model.keras")
    export.save_onnx(model, folder / "model.onnx")
    return folder


def test_saving_again_gives_the_same_bytes(model: keras.Model, files: Path, tmp_path: Path):
    time.sleep(2)  # a zip file's times have a resolution of 2 s
    export.save_keras(model, tmp_path / "again.keras")
    export.save_onnx(model, tmp_path / "again.onnx")
    assert (tmp_path / "again.keras").read_bytes() == (files / "model.keras").read_bytes()
    assert (tmp_path / "again.onnx").read_bytes() == (files / "model.onnx").read_bytes()


def test_the_order_in_which_the_exporter_lists_the_nodes_does_not_matter(files: Path):
    saved = onnx.load(files / "model.onnx")
    expected = saved.SerializeToString()
    backwards = [onnx.NodeProto.FromString(node.SerializeToString()) for node in reversed(saved.graph.node)]
    del saved.graph.node[:]
    saved.graph.node.extend(backwards)
    assert export._with_plain_names(saved).SerializeToString() == expected


def test_both_files_predict_what_the_model_does(model: keras.Model, files: Path, digits: Table):
    images = normalise(digits.pixels[:1100])  # more than one batch
    expected = model.predict(images, verbose=0)
    assert np.allclose(keras.models.load_model(files / "model.keras").predict(images, verbose=0), expected, atol=1e-6)
    classifier = OnnxClassifier(files / "model.onnx", threads=2)
    assert np.allclose(classifier.predict(images), expected, atol=1e-6)
    assert classifier.parameters == model.count_params()


def test_nothing_of_the_moment_is_kept(files: Path):
    with zipfile.ZipFile(files / "model.keras") as archive:
        assert json.loads(archive.read("metadata.json"))["date_saved"].startswith("1980")
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_no_images_no_predictions(files: Path):
    assert OnnxClassifier(files / "model.onnx", threads=1).predict(np.empty((0, 28, 28), np.float32)).shape == (0, 10)


def test_a_missing_model_says_what_to_run(tmp_path: Path):
    with pytest.raises(PipelineError, match=r"cnn.onnx is missing: run dvc repro"):
        OnnxClassifier(tmp_path / "cnn.onnx", threads=1)


def test_a_damaged_model_is_refused(files: Path, tmp_path: Path):
    damaged = tmp_path / "model.onnx"
    damaged.write_bytes((files / "model.onnx").read_bytes()[:1000])
    with pytest.raises(PipelineError, match="not a readable ONNX model"):
        OnnxClassifier(damaged, threads=1)
