import asyncio
import base64
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.server.limits import TimeLimit
from app.server.uploads import MOST_BYTES


def test_a_picture_of_as_many_bytes_as_may_be_passes(client: TestClient, png: bytes):
    largest = png.ljust(MOST_BYTES, b"\0")
    assert client.post("/predict", files={"file": largest}).status_code == 200
    url = "data:image/png;base64," + base64.b64encode(largest).decode()
    assert client.post("/predict", json={"image": url}).status_code == 200


@pytest.mark.parametrize("more", [1, MOST_BYTES])
def test_a_larger_picture_is_a_413(more: int, client: TestClient, png: bytes):
    response = client.post("/predict", files={"file": png.ljust(MOST_BYTES + more, b"\0")})
    assert response.status_code == 413
    assert "too large" in response.json()["detail"]


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client: TestClient):
    headers = {"Content-Length": "99000000", "Content-Type": "image/png"}
    assert client.post("/predict", content=b"x", headers=headers).status_code == 413


def test_a_request_of_unknown_size_is_refused(client: TestClient):
    def body() -> Iterator[bytes]:
        yield b"x"

    for headers in ({}, {"Content-Length": "1"}):
        response = client.post("/predict", content=body(), headers={"Transfer-Encoding": "chunked", **headers})
        assert (response.status_code, response.json()) == (411, {"detail": "Content-Length is required"})


def test_a_slow_sender_is_cut_off():
    sent = []

    async def app(scope, receive, send) -> None:
        await receive()

    async def receive() -> None:
        await asyncio.sleep(60)

    async def send(message) -> None:
        sent.append(message)

    asyncio.run(TimeLimit(app, seconds=0.01)({"type": "http"}, receive, send))
    assert sent[0]["status"] == 503


def test_an_answer_that_has_begun_is_not_followed_by_another():
    sent = []

    async def app(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(60)

    async def send(message) -> None:
        sent.append(message)

    asyncio.run(TimeLimit(app, seconds=0.01)({"type": "http"}, None, send))
    assert [message["status"] for message in sent] == [200]
