import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.server import api
from tests.helpers.fake_reader import FakeReader, reading


def data_url(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


def test_an_answer_has_the_number_and_each_digit_with_its_box_and_probabilities(new_client, png: bytes):
    answer = new_client(FakeReader(reading("47", doubt="unsure: 4 or 9"))).post("/predict", files={"file": png}).json()
    first, second = answer.pop("digits")
    assert answer == {"number": "47", "probability": 0.81, "doubt": "unsure: 4 or 9", "size": [200, 100]}
    seen = Image.open(io.BytesIO(base64.b64decode(second.pop("pixels").removeprefix("data:image/png;base64,"))))
    np.testing.assert_array_equal(np.asarray(seen), np.ones((28, 28)))
    row = [0, 0, 0, 0, 0, 0, 0, 0.9, 0.1, 0]
    assert second == {"box": [60, 10, 20, 40], "digit": 7, "probability": 0.9, "probabilities": row}
    assert first["digit"] == 4


def sent(png: bytes) -> dict[str, dict[str, Any]]:
    return {
        "form": {"files": {"file": png}},
        "json": {"json": {"image": data_url(png)}},
        "body": {"content": png, "headers": {"Content-Type": "image/png"}},
    }


@pytest.mark.parametrize("way", ["form", "json", "body"])
def test_a_picture_comes_as_a_file_a_data_url_or_the_body(way: str, new_client, png: bytes):
    reader = FakeReader(reading())
    assert new_client(reader).post("/predict", **sent(png)[way]).status_code == 200
    [picture] = reader.pictures
    np.testing.assert_array_equal(picture, np.asarray(Image.open(io.BytesIO(png))))


def test_a_picture_without_a_digit_is_a_422_that_says_so(new_client, png: bytes):
    response = new_client(FakeReader(None)).post("/predict", files={"file": png})
    assert (response.status_code, response.json()) == (422, {"detail": "no digit found"})


def test_a_lenient_client_gets_an_answer_without_digits(new_client, png: bytes):
    response = new_client(FakeReader(None)).post("/predict?lenient=true", files={"file": png})
    expected = {"number": "", "probability": 0, "doubt": "no digit found", "size": [200, 100], "digits": []}
    assert (response.status_code, response.json()) == (200, expected)


MALFORMED: dict[str, dict[str, Any]] = {
    "no JSON": {"content": b"{", "headers": {"Content-Type": "application/json"}},
    "no UTF-8": {"content": b'{"image": "\xff"}', "headers": {"Content-Type": "application/json"}},
    "a list": {"json": [1]},
    "no image": {"json": {"picture": "data:;base64,"}},
    "a number": {"json": {"image": 7}},
    "no data URL": {"json": {"image": "digit.png"}},
    "no base64": {"json": {"image": "data:image/png;base64,\u00e9"}},
    "another field": {"files": {"picture": b"x"}},
    "a text field": {"files": {"other": b"x"}, "data": {"file": "x"}},
    "two files": {"files": [("file", b"x"), ("file", b"y")]},
    "no boundary": {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
    "cut form": {"content": b"--b\r\nx", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
    "empty": {"content": b"", "headers": {"Content-Type": "application/json"}},
}


@pytest.mark.parametrize("request_", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_request_is_a_422_with_one_line(request_: dict[str, Any], client: TestClient):
    response = client.post("/predict", **request_)
    assert response.status_code == 422, response.text
    assert list(response.json()) == ["detail"]
    assert "\n" not in response.json()["detail"]


def saved(picture: Image.Image, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind)
    return stream.getvalue()


def test_a_photo_of_a_phone_is_read(new_client):
    stream = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), "white")).save(stream)
    reader = FakeReader(reading("7"))
    answer = new_client(reader).post("/predict", files={"file": stream.getvalue()})
    assert answer.json()["number"] == "7"
    assert [picture.shape for picture in reader.pictures] == [(48, 64, 3)]


NOT_READ = {
    "text": b"no picture",
    "empty": b"",
    "cut": saved(Image.effect_noise((50, 50), 50))[:-300],
    "bomb": saved(Image.new("1", (20000, 20000))),
    "postscript": saved(Image.new("L", (9, 9)), "EPS"),
    "PDF": saved(Image.new("L", (9, 9)), "PDF"),
}


@pytest.mark.parametrize("content", NOT_READ.values(), ids=NOT_READ.keys())
@pytest.mark.parametrize("query", ["", "?lenient=true"])
def test_what_is_not_a_picture_is_a_422(content: bytes, query: str, client: TestClient):
    response = client.post(f"/predict{query}", files={"file": content})
    assert response.status_code == 422
    assert response.json()["detail"] != ""


def test_another_kind_of_content_is_a_415(client: TestClient):
    assert client.post("/predict", content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415


def test_a_slow_reading_ends_with_a_503(new_client, png: bytes):
    response = new_client(FakeReader(reading(), seconds=1), seconds=0.05).post("/predict", files={"file": png})
    assert response.status_code == 503
    assert "no answer within 0.05 s" in response.json()["detail"]


def test_health_names_the_network(client: TestClient):
    assert client.get("/health").json() == {"status": "ok", "model": "cnn", "keep": False, "most_bytes": 10_000_000}


def test_a_correction_is_kept(new_client, png: bytes, tmp_path: Path):
    client = new_client(folder=tmp_path)
    response = client.post("/keep", json={"image": data_url(png), "digit": 4})
    assert response.status_code == 200
    assert response.json()["path"].startswith("4/")
    kept = np.asarray(Image.open(tmp_path / response.json()["path"]))
    np.testing.assert_array_equal(kept, np.asarray(Image.open(io.BytesIO(png))))


@pytest.mark.parametrize("fields", [{}, {"digit": 10}, {"digit": "x"}, {"digit": 4, "box": [1, 2]}])
def test_a_malformed_correction_is_a_422_without_its_picture(fields: dict[str, Any], new_client, tmp_path: Path):
    response = new_client(folder=tmp_path).post("/keep", json={"image": "data:;base64,", **fields})
    assert response.status_code == 422
    assert "base64" not in response.text
    assert list(tmp_path.iterdir()) == []


def test_a_correction_that_cannot_be_written_says_why(new_client, png: bytes, tmp_path: Path):
    (tmp_path / "4").write_text("in the way")
    response = new_client(folder=tmp_path).post("/keep", json={"image": data_url(png), "digit": 4})
    assert (response.status_code, response.json()) == (500, {"detail": "not kept: File exists"})


def test_without_a_folder_nothing_is_kept(client: TestClient, png: bytes):
    assert client.post("/keep", json={"image": data_url(png), "digit": 4}).status_code == 404
    assert "/keep" not in client.get("/openapi.json").json()["paths"]


def test_the_schema_has_the_answer_and_the_failures(client: TestClient):
    predict = client.get("/openapi.json").json()["paths"]["/predict"]["post"]
    schemas = {
        status: answer["content"]["application/json"]["schema"] for status, answer in predict["responses"].items()
    }
    assert schemas.pop("200") == {"$ref": "#/components/schemas/Answer"}
    assert set(schemas) == {"411", "413", "415", "422", "503"}
    assert all(schema == {"$ref": "#/components/schemas/Failure"} for schema in schemas.values())
    assert set(predict["requestBody"]["content"]) == {"multipart/form-data", "application/json", "image/*"}


def test_no_page_loads_anything_from_another_host(client: TestClient):
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404
    for path in (Path(api.__file__).parent / "static").glob("*.*"):
        response = client.get(f"/{path.name}")
        assert response.status_code == 200
        assert "//" not in response.text.replace("http://www.w3.org/2000/svg", "").replace("// ", "")
    assert client.get("/").text == client.get("/index.html").text


def test_modules_are_served_as_javascript(client: TestClient):
    assert client.get("/page.js").headers["content-type"].startswith("text/javascript")
