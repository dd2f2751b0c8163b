"""The page in a real browser: Debian's chromium, or whichever `benchmarks.served_page` finds in PATH."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.served_page import ROOT, browse, open_page, serve
from stages.artifacts.paths import onnx_model

REQUIRED = "REQUIRE_BROWSER" in os.environ  # set where a skipped test must not pass for a test that ran
NewPage = Callable[..., Page]


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the server's --keep."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="session")
def url(kept: Path) -> Iterator[str]:
    if not REQUIRED and not (ROOT / onnx_model("cnn")).is_file():
        pytest.skip("no trained network: run dvc repro")
    with serve("--keep", str(kept)) as url:
        yield url


@contextmanager
def browser_or_skip(*arguments: str) -> Iterator[Browser]:
    try:
        with browse(*arguments) as browser:
            yield browser
    except RuntimeError as error:
        if REQUIRED:
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def browser_arguments() -> list[str]:
    """What a module's browser needs beside what all need."""
    return []


@pytest.fixture(scope="module")
def browser(browser_arguments: list[str]) -> Iterator[Browser]:
    with browser_or_skip(*browser_arguments) as browser:
        yield browser


@pytest.fixture(scope="module")
def new_page(browser: Browser, url: str) -> Iterator[NewPage]:
    """Opens the page again, each time as another visitor; at the end, none may have failed or left loopback."""
    complaints = []

    def watch(page: Page) -> None:
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: is_local(request.url) or complaints.append(request.url))

    def new_page(**options: object) -> Page:
        page = browser.new_context(**options).new_page()
        page.set_default_timeout(15_000)
        watch(page)
        return open_page(page, url)

    yield new_page
    assert complaints == []


def is_local(url: str) -> bool:
    return urlsplit(url).hostname == "127.0.0.1" or urlsplit(url).scheme in ("data", "blob")


@pytest.fixture(scope="module")
def one_page(new_page: NewPage) -> Page:
    return new_page()


@pytest.fixture
def page(one_page: Page) -> Page:
    one_page.get_by_role("button", name="Clear").click()
    return one_page
