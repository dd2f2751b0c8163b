import pytest
from fastapi.testclient import TestClient

from app.server.same_site import is_own


@pytest.mark.parametrize(
    "asked",
    ["127.0.0.1:7860", "127.0.0.1", "localhost:7860", "LOCALHOST", "[::1]:7860", "192.168.1.5:7860", "scan.local:7860"],
)
def test_addresses_localhost_and_the_name_of_host_are_own(asked: str):
    assert is_own(asked, "Scan.local")


@pytest.mark.parametrize(
    "asked", ["evil.example:7860", "127.0.0.1.evil.example", "evil@", "", "[::1", "localhost.evil"]
)
def test_other_names_are_not(asked: str):
    assert not is_own(asked, "127.0.0.1")


def test_a_name_that_points_here_is_refused_for_the_page_and_the_api(client: TestClient):
    for path in ("/", "/health", "/openapi.json"):
        response = client.get(path, headers={"Host": "evil.example:7860"})
        assert response.status_code == 403
        assert "evil.example" in response.json()["detail"]


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:8000", "null", "http://127.0.0.1"])
def test_a_page_of_another_site_is_refused(origin: str, client: TestClient, png: bytes):
    response = client.post("/predict", files={"file": png}, headers={"Origin": origin})
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


def test_the_page_itself_may_ask(client: TestClient, png: bytes):
    headers = {"Origin": "http://127.0.0.1:7860"}
    assert client.post("/predict", files={"file": png}, headers=headers).status_code == 200


def test_the_page_may_load_only_its_own_files_and_be_embedded_nowhere(client: TestClient):
    policy = client.get("/").headers["content-security-policy"].split("; ")
    assert {"default-src 'self'", "frame-ancestors 'none'"} <= set(policy)
