"""How fast the page answers: one visitor who draws in a real browser or, with --load, many clients at once.

In the browser, digits are drawn with the mouse; the time is from a stroke's last movement to the change of the page.
Each client of the load sends drawing after drawing as the page does: the next one after the answer to the last, at most
60 a second.
"""

import argparse
import http.client
import json
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Page

from app.server.answers import png_url
from benchmarks.served_page import browse, draw, open_page, serve, settle
from benchmarks.strokes import DIGITS, image, place

_API = "/predict"
_RATE = 60  # drawings a second of a client: the frame rate of a screen
# `seen` changes with each answer; the last change after the last movement is the prediction of the whole stroke.
_STOPWATCH = """() => {
  let moved = 0;
  for (const kind of ["pointerdown", "pointermove"])
    document.addEventListener(kind, ({ buttons }) => { if (buttons) moved = performance.now() }, true);
  new MutationObserver(() => { window.waited = performance.now() - moved })
    .observe(document.querySelector(".seen"), { attributes: true });
}"""


def main() -> None:
    arguments = parse_arguments()
    if arguments.load:
        measure_load(arguments.load, arguments.seconds)
    else:
        measure_strokes(arguments.rounds, arguments.screenshot)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--load", type=int, nargs="?", const=20, metavar="CLIENTS", help="default: 20 clients")
    parser.add_argument("--seconds", type=int, default=30, metavar="S", help="of the load; default: 30")
    parser.add_argument("--rounds", type=int, default=10, metavar="N", help="how often to draw each digit; default: 10")
    parser.add_argument("--screenshot", metavar="PNG", help="save a picture of the page")
    return parser.parse_args()


def measure_strokes(rounds: int, screenshot: str | None) -> None:
    start = time.perf_counter()
    with serve() as url, browse() as browser:
        print(f"cold start of the server and a browser: {time.perf_counter() - start:.1f} s")
        start = time.perf_counter()
        page = open_page(browser.new_page(viewport={"width": 1000, "height": 660}), url)
        print(f"page loaded: {time.perf_counter() - start:.1f} s")
        if screenshot:
            for i, digit in enumerate([4, 7, 2]):
                draw(page, place(digit, 1, 0.5, shift=(0.45 * (i - 1), 0)))
            settle(page)
            page.mouse.move(0, 0)
            page.wait_for_timeout(500)  # the bars move
            page.screenshot(path=screenshot)
        page.evaluate(_STOPWATCH)
        waits = [wait for digit in list(range(len(DIGITS))) * rounds for wait in draw_digit(page, digit)]
    print(f"stroke to prediction, {len(waits)} strokes: {latencies(waits)}")


def draw_digit(page: Page, digit: int) -> list[float]:
    """Draw a digit; return the milliseconds between each stroke's end and its prediction."""
    page.get_by_role("button", name="Clear").click()
    waits = []
    for stroke in place(digit, 1):
        draw(page, [stroke])
        settle(page)
        waits.append(page.evaluate("window.waited"))
    return waits


def measure_load(clients: int, seconds: int) -> None:
    with serve() as url, ThreadPoolExecutor(clients) as pool:
        results = pool.map(partial(ask, url, seconds=seconds), range(clients))
        waits, outcomes = zip(*(answer for answers in results for answer in answers), strict=True)
    counts = Counter(outcomes)
    print(f"{clients} clients, {seconds} s: {len(waits):,} answers, {len(waits) / seconds:.0f} a second, ", end="")
    print(f"{counts['error']} errors, {counts['misclassified']} misclassified; {latencies(waits)}")


def ask(url: str, client: int, seconds: int) -> list[tuple[float, str]]:
    """Ask about the ten digits in turn; return the milliseconds and the outcome of each question."""
    bodies = [json.dumps({"image": png_url(np.asarray(image(digit)))}) for digit in range(len(DIGITS))]
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    answers: list[tuple[float, str]] = []
    start = time.perf_counter()
    end = start + seconds
    while start < end:
        digit = (client + len(answers)) % len(bodies)
        connection.request("POST", _API, bodies[digit], headers={"Content-Type": "application/json"})
        response = connection.getresponse()
        content = response.read()
        waited = (time.perf_counter() - start) * 1000
        number = json.loads(content)["number"] if response.status == 200 else None
        outcome = "correct" if number == str(digit) else "misclassified" if number else "error"
        answers.append((waited, outcome))
        time.sleep(max(0, start + 1 / _RATE - time.perf_counter()))
        start = time.perf_counter()
    connection.close()
    return answers


def latencies(milliseconds: Sequence[float]) -> str:
    """Return the median and the slow end in words."""
    median, slow, slowest = np.percentile(milliseconds, (50, 95, 99))
    return f"median {median:.0f} ms, 95 % {slow:.0f} ms, 99 % {slowest:.0f} ms, largest {max(milliseconds):.0f} ms"


if __name__ == "__main__":
    main()
