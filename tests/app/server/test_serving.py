import socket

import pytest

from app.server import serving
from stages.artifacts.errors import PipelineError


def test_a_port_that_is_taken_is_one_clear_line():
    with serving.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PipelineError, match=f"port {port} of 127.0.0.1 is in use: choose another with --port"):
            serving.listen("127.0.0.1", port)


def test_an_address_of_another_machine_is_one_clear_line():
    with pytest.raises(PipelineError, match=r"cannot listen at port 7860 of 192\.0\.2\.1: .*--host"):
        serving.listen("192.0.2.1", 7860)


def test_it_listens_before_anything_is_said():
    with serving.listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname(), timeout=5):
        pass


def test_asyncio_is_told_that_it_is_tcp_and_sends_without_delay():
    with serving.listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80/"),
        ("0.0.0.0", "http://127.0.0.1:80/"),
        ("::", "http://[::1]:80/"),
        ("::1", "http://[::1]:80/"),
        ("scan.local", "http://scan.local:80/"),
    ],
)
def test_the_url_is_one_that_a_browser_can_open(host: str, url: str):
    assert serving.url(host, 80) == url
