"""The page in a real browser: Debian's chromium, or whichever `benchmarks.served_page` finds in PATH."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from benchmarks.served_page import ROOT, browse, draw, open_page, serve, settle
from benchmarks.strokes import image, place
from stages.artifacts.paths import onnx_model

pytestmark = pytest.mark.browser

REQUIRED = "REQUIRE_BROWSER" in os.environ  # set where a skipped test must not pass for a test that ran
NewPage = Callable[..., Page]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    if not REQUIRED and not (ROOT / onnx_model("cnn")).is_file():
        pytest.skip("no trained network: run dvc repro")
    with serve() as url:
        yield url


@pytest.fixture(scope="module")
def browser(url: str) -> Iterator[Browser]:
    try:
        with browse() as browser:
            yield browser
    except RuntimeError as error:
        if REQUIRED:
            raise
        pytest.skip(str(error))


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


def digit(page: Page) -> str:
    settle(page)
    return page.locator(".digit").inner_text()


def test_a_blank_canvas_asks_for_a_digit(page: Page):
    expect(page.locator(".says")).to_contain_text("Draw a digit")
    expect(page.locator(".digit")).to_be_empty()
    expect(page.locator(".seen")).to_be_hidden()


@pytest.mark.parametrize("drawn", range(10))
@pytest.mark.parametrize(
    ("size", "slant", "shift"), [(0.7, 0.1, (0, 0)), (0.25, 0.2, (0.25, -0.3)), (0.97, 0, (0, 0))],
    ids=["medium", "small", "large"],
)  # fmt: skip
def test_a_drawn_digit_is_read(page: Page, drawn: int, size: float, slant: float, shift: tuple[float, float]):
    draw(page, place(drawn, 1, size, slant, shift))
    assert digit(page) == str(drawn)
    expect(page.locator(".says")).to_have_text(f"This is a {drawn}.")
    expect(page.locator(".most-likely b")).to_have_text(str(drawn))


def test_the_probabilities_change_as_one_draws(page: Page):
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    readings = set()
    for x, y in [(0.7, 0.2), (0.4, 0.8), (0.75, 0.8)]:  # a 7, and on to a 2
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        settle(page)
        readings.add(tuple(page.locator(".probabilities em").all_inner_texts()))
    page.mouse.up()
    assert len(readings) == 3
    assert all(len(reading) == 10 and "%" in reading[0] for reading in readings)


def test_it_shows_what_the_network_saw(page: Page):
    draw(page, place(4, 1))
    settle(page)
    seen = page.locator(".seen")
    expect(seen).to_be_visible()
    assert seen.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [28, 28]


def answer(page: Page, **fields: object) -> None:
    """Let the page get this answer instead of the server's."""
    page.route("**/recognise", lambda route: route.fulfill(body=json.dumps({"data": [fields]})))


def test_it_says_when_it_is_unsure(new_page: NewPage):
    page = new_page()
    row = [0, 0, 0, 0, 0.55, 0, 0, 0, 0, 0.45]
    answer(page, probabilities=row, most_likely=[4, 9], sure=False, pixels="data:,")
    draw(page, place(4, 1))
    settle(page)
    expect(page.locator(".says")).to_have_text("Unsure: 4 or 9?")


def test_an_error_is_shown_as_text(new_page: NewPage):
    page = new_page()
    answer(page, error="<b>${bold}</b>")
    draw(page, place(4, 1))
    settle(page)
    expect(page.locator(".says")).to_have_text("<b>${bold}</b>")


def test_clear_forgets_the_drawing_and_the_answer_on_its_way(page: Page):
    draw(page, place(8, 1))
    page.get_by_role("button", name="Clear").click()
    settle(page)
    test_a_blank_canvas_asks_for_a_digit(page)
    ink = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
    assert not page.locator("canvas").evaluate(ink)
    draw(page, place(1, 1))
    assert digit(page) == "1"


def upload(page: Page, path: Path) -> None:
    page.get_by_label("Upload an image").set_input_files(path)


def test_an_uploaded_image_is_read_and_a_stroke_takes_its_place(page: Page, tmp_path: Path):
    for i in (3, 5):
        image(i).save(tmp_path / f"{i}.jpg")
        upload(page, tmp_path / f"{i}.jpg")
        expect(page.locator(".digit")).to_have_text(str(i))
    draw(page, place(7, 1))
    assert digit(page) == "7"


def test_a_bad_upload_is_a_message_and_the_page_goes_on(page: Page, tmp_path: Path):
    (tmp_path / "text.png").write_text("no image")
    Image.new("L", (60, 60), 200).save(tmp_path / "blank.png")
    Image.new("1", (8000, 8000)).save(tmp_path / "bomb.png")
    (tmp_path / "large.png").write_bytes(bytes(10_000_001))
    for name, message in {"text": "not an image", "blank": "blank", "bomb": "too large", "large": "10 MB"}.items():
        upload(page, tmp_path / f"{name}.png")
        expect(page.locator(".says")).to_contain_text(message)
        expect(page.locator(".digit")).to_be_empty()
    image(2).save(tmp_path / "good.png")
    upload(page, tmp_path / "good.png")
    expect(page.locator(".digit")).to_have_text("2")


def test_two_pages_at_once_do_not_mix(new_page: NewPage):
    pages = [new_page(), new_page()]
    strokes = [place(drawn, 1)[0] for drawn in (3, 7)]
    for page, stroke in zip(pages, strokes, strict=True):
        draw(page, [stroke[: len(stroke) // 2 + 1]])
    for page, stroke in zip(pages, strokes, strict=True):
        draw(page, [stroke[len(stroke) // 2 :]])
    assert [digit(page) for page in pages] == ["3", "7"]


def test_a_finger_draws_on_a_phone_and_nothing_scrolls_or_sticks_out(new_page: NewPage):
    page = new_page(viewport={"width": 390, "height": 560}, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    box = page.locator("canvas").bounding_box()
    touch = page.context.new_cdp_session(page)
    for stroke in place(5, 1):
        points = np.array(stroke) * box["width"] + [box["x"], box["y"]]
        for i, (x, y) in enumerate(points.tolist()):
            kind = "touchMove" if i else "touchStart"
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert digit(page) == "5"
    assert page.evaluate("scrollY") == 0


def test_without_the_server_the_page_says_so(browser: Browser, url: str):
    page = open_page(browser.new_page(), url)
    page.route("**/recognise", lambda route: route.abort())
    draw(page, place(6, 1))
    expect(page.locator(".says")).to_contain_text("The server does not answer")
