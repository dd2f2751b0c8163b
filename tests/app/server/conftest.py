"""A client of the application, in this process."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.server import api
from tests.helpers.fake_reader import FakeReader, reading

NewClient = Callable[..., TestClient]


@pytest.fixture
def new_client() -> NewClient:
    def new_client(reader: Any = None, **options: Any) -> TestClient:
        app = api.build(reader or FakeReader(reading()), "cnn", "127.0.0.1", **options)
        return TestClient(app, "http://127.0.0.1:7860")

    return new_client


@pytest.fixture
def client(new_client: NewClient) -> TestClient:
    return new_client()


@pytest.fixture
def png() -> bytes:
    stream = io.BytesIO()
    Image.linear_gradient("L").resize((200, 100)).convert("RGB").save(stream, "PNG")
    return stream.getvalue()
