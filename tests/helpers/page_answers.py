"""What the page shows, and answers for it in place of the server's."""

import json

from playwright.sync_api import Page

from benchmarks.served_page import settle


def number(page: Page) -> str:
    """Return the number that the page shows, once it has the answer for what it shows."""
    settle(page)
    return "".join(page.locator(".number button").all_inner_texts())


def answer(page: Page, number: str = "", doubt: str | None = None) -> None:
    """Let the page get this answer: a picture of 160x100 pixels, its digits 10 wide and 20 high, at 20, 40, ..."""
    digits = [
        {
            "box": [20 * (i + 1), 40, 10, 20],
            "digit": int(character),
            "probability": 0.9,
            "probabilities": [0.9 if digit == int(character) else 0.0111 for digit in range(10)],
            "pixels": "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=",
        }
        for i, character in enumerate(number.replace(" ", ""))
    ]
    body = {"number": number, "probability": 0.8, "doubt": doubt, "size": [160, 100], "digits": digits}
    page.route("**/predict*", lambda route: route.fulfill(body=json.dumps(body)))
