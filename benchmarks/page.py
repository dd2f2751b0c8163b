"""How long does the page take from the end of a stroke to its prediction, in a real browser? And a picture of it.

Draws the digits with the mouse; measures in the browser from a stroke's last movement to the change of the page.
"""

import argparse
import time

import numpy as np
from playwright.sync_api import Page

from benchmarks.served_page import browse, draw, open_page, serve, settle
from benchmarks.strokes import DIGITS, place

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
    start = time.perf_counter()
    with serve() as url, browse() as browser:
        print(f"cold start to an URL, and a browser: {time.perf_counter() - start:.1f} s")
        start = time.perf_counter()
        page = open_page(browser.new_page(viewport={"width": 860, "height": 520}), url)
        print(f"page loaded: {time.perf_counter() - start:.1f} s")
        if arguments.screenshot:
            draw(page, place(4, 1))
            settle(page)
            page.mouse.move(0, 0)
            page.wait_for_timeout(500)  # the bars move
            page.screenshot(path=arguments.screenshot)
        page.evaluate(_STOPWATCH)
        waits = [wait for _ in range(arguments.rounds) for digit in range(len(DIGITS)) for wait in measure(page, digit)]
    print(f"stroke to prediction, {len(waits)} strokes: median {np.median(waits):.0f} ms", end=", ")
    print(f"95 % {np.percentile(waits, 95):.0f} ms, largest {max(waits):.0f} ms")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10, metavar="N", help="how often each digit; default: 10")
    parser.add_argument("--screenshot", metavar="PNG", help="write a picture of the page")
    return parser.parse_args()


def measure(page: Page, digit: int) -> list[float]:
    """Draw a digit; return the milliseconds between each stroke's end and its prediction."""
    page.get_by_role("button", name="Clear").click()
    waits = []
    for stroke in place(digit, 1):
        draw(page, [stroke])
        settle(page)
        waits.append(page.evaluate("window.waited"))
    return waits


if __name__ == "__main__":
    main()
