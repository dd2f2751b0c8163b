import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app import predict
from stages.artifacts import paths
from stages.config.params import load_params
from stages.ingest.kaggle_csv import Table
from stages.training import export, networks
from tests.helpers.commands import exit_status
from tests.helpers.onnx_model import make_model
from tests.helpers.workspace import ROOT


@pytest.fixture(scope="module")
def made(digits: Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a network and images of digits."""
    folder = tmp_path_factory.mktemp("predict")
    model = networks.inference_model(
        [networks.build("mlp", load_params(ROOT / "params.yaml").models.mlp, seed=1)], 1.0, 0
    )
    export.save_onnx(model, folder / paths.onnx_model("cnn"))
    for i, kind in enumerate(["png", "jpg", "webp", "bmp", "tiff"]):
        Image.fromarray(digits.pixels[i].reshape(28, 28)).resize((90, 90)).save(folder / f"{i}.{kind}")
    return folder


@pytest.fixture(autouse=True)
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, as the current folder."""
    folder = shutil.copytree(made, tmp_path / "copy")
    monkeypatch.chdir(folder)
    return folder


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command to its end; return the exit status."""
    return exit_status(monkeypatch, predict.main, *arguments)


def test_a_line_an_image(monkeypatch, capsys):
    assert call(monkeypatch, "0.png", "1.jpg", "2.webp", "3.bmp", "4.tiff") == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [path for path, _, _ in lines] == ["0.png", "1.jpg", "2.webp", "3.bmp", "4.tiff"]
    assert all(digit in "0123456789" and 0.1 <= float(probability) <= 1 for _, digit, probability in lines)


def test_a_pattern_is_expanded_and_standard_input_read(folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((folder / "0.png").read_bytes())))
    assert call(monkeypatch, "?.???", "-") == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["0.png", "1.jpg", "3.bmp"]
    assert last == lines[0].replace("0.png", "-")


def test_json_has_the_most_likely_digits(monkeypatch, capsys):
    assert call(monkeypatch, "--json", "--top", "3", "0.png") == 0
    [tree] = json.loads(capsys.readouterr().out)
    assert tree["path"] == "0.png"
    probabilities = [entry["probability"] for entry in tree["top"]]
    assert len(probabilities) == 3
    assert probabilities == sorted(probabilities, reverse=True)
    assert tree["number"] == str(tree["digit"])
    assert (tree["digit"], tree["probability"]) == (tree["top"][0]["digit"], probabilities[0])


def broken_files(folder: Path) -> dict[str, str]:
    whole = (folder / "0.png").read_bytes()
    Image.new("L", (50, 50), 255).save(folder / "blank.png")
    Image.new("1", (8000, 8000)).save(folder / "bomb.png")
    Image.new("1", (20000, 20000)).save(folder / "greater-bomb.png")
    (folder / "text.png").write_text("no image")
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.png").touch()
    (folder / "folder.png").mkdir(exist_ok=True)
    return {
        "blank.png": "blank", "bomb.png": "too large: 8000 x 8000", "greater-bomb.png": "too large",
        "text.png": "not an image", "cut.png": "damaged", "empty.png": "not an image",
        "folder.png": "directory", "missing.png": "no such file",
    }  # fmt: skip


def test_what_is_no_digit_gets_its_own_line_and_the_others_are_predicted(folder, monkeypatch, capsys):
    broken = broken_files(folder)
    assert call(monkeypatch, "0.png", *broken, "1.jpg") == 1
    captured = capsys.readouterr()
    assert [line.split("\t")[0] for line in captured.out.splitlines()] == ["0.png", "1.jpg"]
    errors = captured.err.splitlines()
    assert len(errors) == len(broken)
    for line, (path, message) in zip(errors, broken.items(), strict=True):
        assert line.startswith(f"error: {path}: ")
        assert message in line


def test_more_than_a_batch_keeps_its_order(digits: Table, folder, monkeypatch, capsys):
    names = [f"many{i:03}.bmp" for i in range(300)]
    for name, pixels in zip(names, digits.pixels, strict=False):
        Image.fromarray(pixels.reshape(28, 28)).save(folder / name)
    assert call(monkeypatch, "many*.bmp") == 0
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == names


def test_without_a_network_it_says_what_to_run(monkeypatch, capsys):
    assert call(monkeypatch, "--model", "mlp", "0.png") == 1
    assert "models/mlp.onnx is missing: run dvc repro" in capsys.readouterr().err.replace("\\", "/")


def test_a_network_that_predicts_nothing_is_one_line(folder, monkeypatch, capsys):
    (folder / paths.onnx_model("mlp")).write_bytes(make_model(weight=np.nan))
    assert call(monkeypatch, "--model", "mlp", "0.png", "1.jpg") == 1
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.startswith("error: models") and captured.err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGPIPE")
def test_a_reader_that_goes_away_ends_it_without_a_traceback(folder):
    command = f"{sys.executable} -m app.predict --top 10 {'0.png ' * 3000} | head -1; exit ${{PIPESTATUS[0]}}"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    finished = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True)
    assert finished.stdout.startswith("0.png\t")
    assert (finished.returncode, finished.stderr) == (141, "")


def test_neither_tensorflow_nor_dvc_is_imported():
    code = "import sys, app.predict; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"tensorflow", "keras", "dvc", "pandas", "matplotlib", "sklearn", "pydantic", "yaml"} & set(loaded)


def test_most_likely_digits_come_first():
    prediction = predict.Prediction("x", np.array([0.1, 0.6, 0.3, 0, 0, 0, 0, 0, 0, 0], np.float32))
    assert [digit for digit, _ in prediction.most_likely(3)] == [1, 2, 0]
