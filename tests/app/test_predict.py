import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from app import predict
from benchmarks.strokes import image as draw
from stages.artifacts import paths
from tests.helpers.commands import exit_status
from tests.helpers.onnx_model import make_model
from tests.helpers.sure_networks import classifier, save_networks
from tests.helpers.workspace import ROOT
from tests.helpers.written import sheet


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: networks that are sure of drawn digits, and pictures of the digits 0-4 and of 47."""
    save_networks(tmp_path)
    for digit, kind in enumerate(["png", "jpg", "webp", "bmp", "tiff"]):
        draw(digit, 90).save(tmp_path / f"{digit}.{kind}")
    sheet("47").save(tmp_path / "number.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command to its end; return the exit status."""
    return exit_status(monkeypatch, predict.main, *arguments)


def test_a_line_per_picture(monkeypatch, capsys):
    assert call(monkeypatch, "0.png", "1.jpg", "2.webp", "3.bmp", "4.tiff", "number.png") == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [path for path, _, _ in lines] == ["0.png", "1.jpg", "2.webp", "3.bmp", "4.tiff", "number.png"]
    assert [number for _, number, _ in lines] == ["0", "1", "2", "3", "4", "47"]
    assert all(0.9 <= float(probability) <= 1 for _, _, probability in lines)


def test_lines_of_digits_are_one_number_with_a_blank(folder, monkeypatch, capsys):
    sheet("4727", "358").save(folder / "lines.png")
    assert call(monkeypatch, "lines.png") == 0
    assert capsys.readouterr().out.startswith("lines.png\t4727 358\t")


def test_a_pattern_is_expanded_and_standard_input_read(folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((folder / "0.png").read_bytes())))
    assert call(monkeypatch, "?.???", "-") == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["0.png", "1.jpg", "3.bmp"]
    assert last == lines[0].replace("0.png", "-")


def test_json_of_a_digit(monkeypatch, capsys):
    assert call(monkeypatch, "--json", "--top", "3", "3.bmp") == 0
    [tree] = json.loads(capsys.readouterr().out)
    assert (tree["path"], tree["number"], tree["digit"]) == ("3.bmp", "3", 3)
    assert tree["top"][0]["digit"] == 3
    probabilities = [entry["probability"] for entry in tree["top"]]
    assert len(probabilities) == 3
    assert probabilities == sorted(probabilities, reverse=True)
    assert tree["probability"] == probabilities[0]
    [digit] = tree["digits"]
    assert (digit["digit"], digit["probability"]) == (3, tree["probability"])


def test_json_of_a_number_has_the_box_of_each_digit_and_no_digit_of_all(monkeypatch, capsys):
    assert call(monkeypatch, "--json", "number.png") == 0
    [tree] = json.loads(capsys.readouterr().out)
    assert list(tree) == ["path", "number", "probability", "top", "digits"]
    assert tree["number"] == "47"
    assert [digit["digit"] for digit in tree["digits"]] == [4, 7]
    for i, digit in enumerate(tree["digits"]):
        left, top, width, height = digit["box"]
        assert left == pytest.approx(80 + 120 * i, abs=15)
        assert top == pytest.approx(80, abs=10)
        assert height == pytest.approx(85, abs=10)
        assert 20 < width < height


def test_json_without_any_number_is_an_empty_list(monkeypatch, capsys):
    assert call(monkeypatch, "--json", "missing.png") == 1
    assert json.loads(capsys.readouterr().out) == []


def test_top_adds_the_next_most_likely_numbers(folder, monkeypatch, capsys):
    (folder / paths.onnx_model("cnn")).write_bytes(classifier(sure=60))
    assert call(monkeypatch, "--top", "3", "number.png") == 0
    [line] = capsys.readouterr().out.splitlines()
    path, *pairs = line.split("\t")
    numbers, probabilities = pairs[::2], [float(probability) for probability in pairs[1::2]]
    assert (path, numbers[0]) == ("number.png", "47")
    assert len(set(numbers)) == 3
    assert all(len(number) == 2 for number in numbers)
    assert probabilities == sorted(probabilities, reverse=True)


def test_single_refuses_a_number(monkeypatch, capsys):
    assert call(monkeypatch, "--single", "number.png", "3.bmp") == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("3.bmp\t3\t")
    assert captured.err == "error: number.png: expected one digit, found 2: 47\n"


@pytest.mark.parametrize("kind", ["pdf", "tiff"])
def test_pages_are_named_by_their_number(kind: str, folder, monkeypatch, capsys):
    pages = [sheet("47").convert("RGB"), Image.new("RGB", (120, 120), "white"), draw(3, 120).convert("RGB")]
    pages[0].save(folder / f"scan.{kind}", save_all=True, append_images=pages[1:])
    assert call(monkeypatch, f"scan.{kind}", "0.png") == 1
    captured = capsys.readouterr()
    assert [line.split("\t")[:2] for line in captured.out.splitlines()] == [
        [f"scan.{kind}#page=1", "47"], [f"scan.{kind}#page=3", "3"], ["0.png", "0"]
    ]  # fmt: skip
    assert captured.err.startswith(f"error: scan.{kind}#page=2: no digit found")


def test_a_heic_photo_and_a_pdf_of_one_page_are_pictures_like_others(folder, monkeypatch, capsys):
    pillow_heif.from_pillow(sheet("47").convert("RGB")).save(folder / "photo.heic")
    sheet("47").save(folder / "page.pdf")
    assert call(monkeypatch, "photo.heic", "page.pdf") == 0
    assert [line.split("\t")[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["photo.heic", "47"], ["page.pdf", "47"]
    ]  # fmt: skip


def broken_files(folder: Path) -> dict[str, str]:
    whole = (folder / "0.png").read_bytes()
    Image.new("L", (50, 50), 255).save(folder / "blank.png")
    Image.new("1", (8000, 8000)).save(folder / "bomb.png")
    Image.new("1", (20000, 20000)).save(folder / "greater-bomb.png")
    (folder / "text.png").write_text("no image")
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "cut.pdf").write_bytes(b"%PDF-1.7\n")
    (folder / "empty.png").touch()
    (folder / "folder.png").mkdir(exist_ok=True)
    return {
        "blank.png": "no digit found", "bomb.png": "too large: the limit is 50 megapixels: it has 8000 x 8000",
        "greater-bomb.png": "too large: the limit is 50 megapixels", "text.png": "not an image or a PDF",
        "cut.png": "damaged", "cut.pdf": "damaged", "empty.png": "not an image or a PDF",
        "folder.png": "directory", "missing.png": "no such file",
    }  # fmt: skip


def test_what_cannot_be_read_gets_its_own_line_and_the_others_are_read(folder, monkeypatch, capsys):
    broken = broken_files(folder)
    assert call(monkeypatch, "0.png", *broken, "1.jpg") == 1
    captured = capsys.readouterr()
    assert [line.split("\t")[0] for line in captured.out.splitlines()] == ["0.png", "1.jpg"]
    errors = captured.err.splitlines()
    assert len(errors) == len(broken)
    for line, (path, message) in zip(errors, broken.items(), strict=True):
        assert line.startswith(f"error: {path}: ")
        assert message in line


def test_what_is_not_a_digit_or_in_doubt_is_an_error(folder, monkeypatch, capsys):
    (folder / paths.onnx_model("mlp")).write_bytes(make_model())  # to which all digits are alike
    assert call(monkeypatch, "--model", "mlp", "3.bmp") == 1
    assert capsys.readouterr().err == "error: 3.bmp: unsure: 0 or 1\n"
    save_networks(folder, passes=False)
    assert call(monkeypatch, "3.bmp") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: 3.bmp: no digit found")


def test_the_lines_are_in_the_order_of_the_files_whatever_the_threads(folder, monkeypatch, capsys):
    names = [f"many{i:03}.bmp" for i in range(150)]
    for i, name in enumerate(names):
        draw(i % 10, 900 if i % 7 == 0 else 60).save(folder / name)
    assert call(monkeypatch, "many*.bmp") == 0
    lines = [line.split("\t")[:2] for line in capsys.readouterr().out.splitlines()]
    assert lines == [[name, str(i % 10)] for i, name in enumerate(names)]


def test_without_a_network_it_says_what_to_run(folder, monkeypatch, capsys):
    (folder / paths.onnx_model("cnn")).unlink()
    assert call(monkeypatch, "0.png") == 1
    assert "models/cnn.onnx is missing: run dvc repro" in capsys.readouterr().err.replace("\\", "/")


def test_a_network_that_predicts_nothing_is_a_line_per_picture(folder, monkeypatch, capsys):
    (folder / paths.onnx_model("mlp")).write_bytes(make_model(weight=np.nan))
    assert call(monkeypatch, "--model", "mlp", "0.png", "1.jpg") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("predicts no probabilities") == captured.err.count("\n") == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGPIPE")
def test_a_reader_that_goes_away_ends_it_without_a_traceback(folder):
    command = f"{sys.executable} -m app.predict --top 10 {'0.png ' * 1500} | head -1; exit ${{PIPESTATUS[0]}}"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    finished = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True)
    assert finished.stdout.startswith("0.png\t")
    assert (finished.returncode, finished.stderr) == (141, "")


def test_only_what_a_picture_needs_is_imported():
    code = "import sys, app.predict; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    training = {"tensorflow", "keras", "dvc", "pandas", "matplotlib", "sklearn", "scipy", "pydantic", "yaml"}
    assert not (training | {"fastapi", "uvicorn", "pillow_heif", "pypdfium2"}) & set(loaded)
