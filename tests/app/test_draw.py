import base64
import io
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app import draw
from app.ink import to_pixels
from benchmarks.served_page import free_port
from benchmarks.strokes import image
from stages.artifacts.errors import PipelineError
from tests.helpers.one_answer import OneAnswer
from tests.helpers.workspace import ROOT


def data_url(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


def saved(picture: Image.Image, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind)
    return stream.getvalue()


def ask(content: bytes, probability: float = 0.9) -> dict[str, Any]:
    return draw.recogniser(OneAnswer(probability))(data_url(content))


def test_an_answer_holds_the_probabilities_and_what_the_network_saw():
    answer = ask(saved(image(7)))
    assert answer["most_likely"] == [7, 1]
    assert answer["probabilities"] == pytest.approx([0, 0.1, 0, 0, 0, 0, 0, 0.9, 0, 0], abs=1e-6)
    seen = Image.open(io.BytesIO(draw.decode(answer["pixels"])))
    np.testing.assert_array_equal(np.asarray(seen), to_pixels(image(7)))
    assert json.loads(json.dumps(answer)) == answer


@pytest.mark.parametrize(("probability", "sure"), [(0.95, True), (0.7, False)])
def test_it_says_whether_it_is_sure(probability: float, sure: bool):
    assert ask(saved(image(7)), probability)["sure"] is sure


BAD = {
    "blank": (lambda: saved(Image.new("L", (50, 50), 255)), "blank"),
    "transparent": (lambda: saved(Image.new("RGBA", (50, 50))), "blank"),
    "text": (lambda: b"no image", "not an image"),
    "empty": (lambda: b"", "not an image"),
    "postscript": (lambda: saved(image(3), "EPS"), "not an image"),
    "cut": (lambda: saved(image(3))[:-300], "damaged"),
    "bomb": (lambda: saved(Image.new("1", (8000, 8000))), "too large: 8000 x 8000"),
    "many bytes": (lambda: bytes(draw.MOST_BYTES + 1), "too large: more than 10 MB"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD.keys())
def test_what_is_no_digit_is_an_error_that_says_so(content: Callable[[], bytes], message: str):
    answer = ask(content())
    assert list(answer) == ["error"]
    assert message in answer["error"]


@pytest.mark.parametrize(
    "url", ["", "x", "data:,x", "data:image/png;base64,a", "data:;base64,\u00e9", None, 7, ["data:"]]
)
def test_what_is_no_data_url_is_an_error(url: Any):
    with pytest.raises(PipelineError, match="not"):
        draw.decode(url)


@pytest.fixture(scope="module")
def url() -> str:
    page = draw.build(OneAnswer(0.9))
    yield draw.serve(page, "127.0.0.1", free_port())
    page.close(verbose=False)


def post(url: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(
        f"{url}gradio_api/run/recognise", body, {"Content-Type": "application/json"} | headers
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_the_api_answers(url: str):
    status, body = post(url, json.dumps({"data": [data_url(saved(image(7)))]}).encode())
    assert status == 200
    assert json.loads(body)["data"][0]["most_likely"] == [7, 1]


def test_an_image_of_as_many_bytes_as_may_be_passes_and_a_larger_request_does_not(url: str):
    largest = saved(image(7)).ljust(draw.MOST_BYTES, b"\0")
    status, body = post(url, json.dumps({"data": [data_url(largest)]}).encode())
    assert (status, json.loads(body)["data"][0].get("error")) == (200, None)
    with socket.create_connection(("127.0.0.1", int(url.rstrip("/").rpartition(":")[2]))) as client:
        client.sendall(b"POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_a_request_of_unknown_size_is_refused(url: str):
    with socket.create_connection(("127.0.0.1", int(url.rstrip("/").rpartition(":")[2]))) as client:
        client.sendall(b"POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 411")


def test_a_port_that_is_taken_is_one_clear_line(url: str):
    port = int(url.rstrip("/").rpartition(":")[2])
    with pytest.raises(PipelineError, match=f"port {port} of 127.0.0.1 is in use: choose another with --port"):
        draw.serve(draw.build(OneAnswer(0.9)), "127.0.0.1", port)


def test_without_a_network_it_says_what_to_run(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["draw"])
    with pytest.raises(PipelineError, match=r"cnn\.onnx is missing: run dvc repro"):
        draw.main()


SERVING = """
import sys
from app import draw
from stages.artifacts import errors
from tests.helpers.one_answer import OneAnswer
draw.OnnxClassifier = lambda *arguments, **options: OneAnswer(0.9)
errors.run(draw.main)
"""


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x"])
def test_what_is_no_port_is_a_usage_error(port: str, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["draw", f"--port={port}"])
    with pytest.raises(SystemExit, match="2"):
        draw.main()
    assert f"{port} is not a number from 1 to 65535" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_it_says_where_it_is_and_control_c_ends_it_quietly():
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-c", SERVING, "--port", str(port)],
        cwd=ROOT, env=os.environ | {"HTTP_PROXY": "http://127.0.0.1:9"},
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert server.stdout.readline() == f"Draw a digit at http://127.0.0.1:{port}/ (Ctrl-C ends it)\n"
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=20)
    assert (server.returncode, out, err) == (130, "", "interrupted\n")


@pytest.mark.slow
def test_neither_tensorflow_nor_dvc_is_imported():
    code = "import sys, app.draw; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"tensorflow", "keras", "dvc", "matplotlib", "sklearn"} & set(loaded)


def test_the_apps_requirements_are_among_the_tests_own():
    app, dev = (
        {line.split()[0] for line in (ROOT / name).read_text().splitlines() if "==" in line}
        for name in ("requirements-app.txt", "requirements-dev.txt")
    )
    assert app <= dev
    assert not {line.split("==")[0] for line in app} & {"tensorflow", "keras", "dvc", "scikit-learn"}
