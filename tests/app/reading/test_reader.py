"""Numbers read by untrained networks that know the digits of benchmarks.strokes, or by the project's own."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.reading.pictures import read_pages
from app.reading.reader import Reader, Reading, load_reader
from stages.artifacts.errors import PipelineError
from stages.artifacts.paths import SCREEN, onnx_model
from tests.helpers.sure_networks import sure_reader
from tests.helpers.workspace import ROOT
from tests.helpers.written import INK, as_picture, saved, sheet


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return sure_reader(tmp_path_factory.mktemp("networks"))


@pytest.mark.parametrize("lines", [("7",), ("472",), ("4727", "0825"), ("3", "5", "8"), ("0123456789",)])
def test_a_number_is_read_from_left_to_right_and_from_top_to_bottom(lines: tuple[str, ...], reader: Reader):
    page = sheet(*lines)
    reading = reader.read(as_picture(page))
    assert reading.number == " ".join(lines)
    assert reading.doubt is None
    assert reading.size == page.size
    assert reading.require_sure() is reading


@pytest.mark.parametrize("height", [40, 80, 300])
@pytest.mark.parametrize("number", ["1", "4", "7", "11", "111", "141"])
def test_tall_straight_strokes_are_not_rulings(number: str, height: int, reader: Reader):
    page = as_picture(sheet(number, height=height))[height // 2 : 5 * height // 2]
    reading = reader.read(page)
    assert reading.number == number
    assert_boxes_hold_the_ink(reading, page)


def test_a_digit_has_what_the_network_saw_and_said(reader: Reader):
    [digit] = reader.read(as_picture(sheet("7"))).digits
    assert digit.digit == 7
    assert digit.pixels.shape == (28, 28)
    assert digit.pixels.dtype == np.uint8
    assert digit.probabilities.shape == (10,)
    assert digit.probability == digit.probabilities[7]


def assert_boxes_hold_the_ink(reading: Reading, picture: np.ndarray, reading_ink: int = 120) -> None:
    """Check that all dark ink lies in the boxes, and that each box is full of it from side to side."""
    ink = picture.min(axis=2) < reading_ink
    outside = ink.copy()
    for left, top, width, height in (digit.box for digit in reading.digits):
        outside[top : top + height, left : left + width] = False
        rows, columns = np.nonzero(ink[top : top + height, left : left + width])
        assert np.ptp(rows) > 0.7 * height
        assert np.ptp(columns) > 0.6 * width
    assert outside.sum() < 0.1 * ink.sum()


@pytest.mark.parametrize("height", [40, 80, 600])
def test_boxes_are_in_pixels_of_the_picture(height: int, reader: Reader):
    picture = as_picture(sheet("472", "358", height=height))
    assert_boxes_hold_the_ink(reader.read(picture), picture)


@pytest.mark.parametrize("degrees", [-12, 7])
def test_boxes_are_in_pixels_of_the_picture_after_a_tilt(degrees: float, reader: Reader):
    page = as_picture(sheet("472", "358"))
    for y in range(40, len(page), 80):
        page[y : y + 2] = (170, 190, 220)  # rulings
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    picture = cv2.warpAffine(page, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    reading = reader.read(picture)
    assert reading.number == "472 358"
    assert_boxes_hold_the_ink(reading, picture)


def test_a_sheet_on_a_desk_is_read_in_place_of_the_desk(reader: Reader):
    page = as_picture(sheet("47", "35"))
    desk = np.full((900, 1200, 3), (70, 50, 40), np.uint8)
    desk[::7] = (50, 30, 20)
    height, width = page.shape[:2]
    desk[200 : 200 + height, 350 : 350 + width] = page
    reading = reader.read(desk)
    assert reading.number == "47 35"
    left, top, *_ = reading.digits[0].box
    assert left == pytest.approx(350 + 80, abs=20)
    assert top == pytest.approx(200 + 80, abs=20)


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_blank_picture_is_an_error(shade: int, reader: Reader):
    noise = np.random.RandomState(0).randint(-2, 3, (100, 100, 3))
    for picture in (np.full((100, 100, 3), shade), np.clip(shade + noise, 0, 255), np.full((1, 1, 3), shade)):
        with pytest.raises(PipelineError, match="no digit found"):
            reader.read(picture.astype(np.uint8))


def test_lines_without_digits_are_an_error(reader: Reader):
    page = np.full((600, 500, 3), 240, np.uint8)
    page[40::60] = page[41::60] = (150, 170, 210)
    with pytest.raises(PipelineError, match="no digit found"):
        reader.read(page).require_sure()


def marked(*shape: tuple[int, int, int, int]) -> np.ndarray:
    """Return 47 with filled boxes: left, top, right, bottom."""
    page = sheet("47")
    for box in shape:
        ImageDraw.Draw(page).ellipse(box, INK) if box[2] - box[0] < 20 else ImageDraw.Draw(page).rectangle(box, INK)
    return as_picture(page)


SIGNS = {
    "a decimal point": ((158, 150, 170, 162), "not a digit: a point beside 47"),
    "a comma": ((160, 140, 170, 172), "not a digit: a point beside 47"),
    "a minus": ((28, 116, 62, 124), "not a digit: a minus beside 47"),
}


@pytest.mark.parametrize(("shape", "message"), SIGNS.values(), ids=SIGNS.keys())
def test_a_sign_is_not_read_as_a_1(shape: tuple[int, int, int, int], message: str, reader: Reader):
    reading = reader.read(marked(shape))
    assert reading.number == "47"
    with pytest.raises(PipelineError, match=message):
        reading.require_sure()


def test_single_refuses_a_number(reader: Reader):
    assert reader.read(as_picture(sheet("7"))).require_sure(single=True).number == "7"
    with pytest.raises(PipelineError, match="expected one digit, found 3: 472"):
        reader.read(as_picture(sheet("472"))).require_sure(single=True)


def test_what_the_screen_refuses_is_no_digit(tmp_path: Path):
    with pytest.raises(PipelineError, match="no digit found"):
        sure_reader(tmp_path, passes=False).read(as_picture(sheet("47"))).require_sure()


def test_a_missing_classifier_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    sure_reader(tmp_path)
    onnx_model("cnn").unlink()
    with pytest.raises(PipelineError, match=r"cnn\.onnx is missing: run dvc repro"):
        load_reader("cnn")


def test_a_missing_screen_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    sure_reader(tmp_path)
    assert load_reader("cnn").read(as_picture(sheet("7"))).number == "7"
    assert capsys.readouterr().err == ""
    SCREEN.unlink()
    assert load_reader("cnn").read(as_picture(sheet("7"))).require_sure().number == "7"
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: models/screen.onnx is missing")
    assert "dvc repro screen" in line


trained = pytest.mark.skipif(
    not all((ROOT / path).is_file() for path in (onnx_model("cnn"), SCREEN)),
    reason="no trained networks: run dvc repro",
)


@pytest.fixture(scope="module")
def trained_reader() -> Reader:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return load_reader("cnn")


@pytest.mark.slow
@trained
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "PDF"])
def test_the_trained_networks_read_a_number(kind: str, trained_reader: Reader):
    [page] = read_pages(io.BytesIO(saved(sheet("4727", "0835"), kind)))
    reading = trained_reader.read(page).require_sure()
    assert reading.number == "4727 0835"
    assert reading.probability > 0.8


@pytest.mark.slow
@trained
def test_the_trained_networks_refuse_a_scribble(trained_reader: Reader):
    page = Image.new("L", (300, 300), 235)
    pen = ImageDraw.Draw(page)
    random = np.random.RandomState(0)
    pen.line([tuple(point) for point in random.randint(40, 260, (30, 2)).tolist()], INK, 6)
    with pytest.raises(PipelineError, match="no digit found"):
        trained_reader.read(as_picture(page)).require_sure()
