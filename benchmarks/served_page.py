"""The page of `app.draw`, served by a separate process and drawn on in a real browser: for tests and measurements."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.strokes import Stroke

ROOT = Path(__file__).parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (  # nothing but the page: no request by the browser itself, and no way to another host
    "--disable-background-networking", "--disable-component-update", "--disable-quic", "--disable-sync",
    "--no-first-run", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
# Runs app.draw and reports on stderr every connection that its process makes to another host.
_WATCHED = """
import runpy, sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[1][0] if event == "socket.connect" and isinstance(arguments[1], tuple) else arguments[0]
        if isinstance(host, (str, bytes)) and host not in ("127.0.0.1", "localhost"):
            print("left loopback:", event, host, file=sys.stderr, flush=True)
sys.addaudithook(watch)
runpy.run_module("app.draw", run_name="__main__")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serve(*options: str) -> Iterator[str]:
    """Run `python -m app.draw` on a free port; yield its URL.

    Raises RuntimeError if it stops, prints anything on stderr or connects to another host.
    """
    command = [sys.executable, "-c", _WATCHED, "--port", str(free_port()), *options]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        printed = server.stdout.readline()
        if url := re.search(r"http://\S+", printed):
            yield url.group()
    finally:
        server.terminate()
        out, err = server.communicate()
    if not url or err:
        raise RuntimeError(f"app.draw printed: {printed}{out}{err}")


@contextmanager
def browse(*arguments: str) -> Iterator[Browser]:
    """Start the browser in PATH, headless, with further arguments. Raises RuntimeError if there is none."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not path:
        raise RuntimeError(f"no browser: none of {', '.join(BROWSERS)} is in PATH")
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_ARGUMENTS, *as_root, *arguments])
        yield browser
        browser.close()


def open_page(page: Page, url: str) -> Page:
    """Load the page until it can be drawn on."""
    page.goto(url)
    page.wait_for_selector(".reading[data-state]")
    return page


def draw(page: Page, strokes: list[Stroke]) -> None:
    """Draw with the mouse; the strokes are in fractions of the sheet's height, (0.5, 0.5) is its middle."""
    box = page.locator(".sheet").bounding_box()
    assert box is not None
    left = box["x"] + (box["width"] - box["height"]) / 2
    for stroke in strokes:
        points = [(left + x * box["height"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def settle(page: Page) -> None:
    """Wait until the page has the answer for what it shows."""
    page.wait_for_selector(".reading[aria-busy=false]")
