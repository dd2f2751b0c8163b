import numpy as np
import pytest
from playwright.sync_api import Page, expect

from benchmarks.served_page import draw, settle
from benchmarks.strokes import place
from tests.helpers.page_answers import number

pytestmark = pytest.mark.browser


def test_a_blank_sheet_asks_for_a_digit(page: Page):
    expect(page.locator(".says")).to_contain_text("Draw a digit")
    expect(page.locator(".number")).to_be_empty()
    expect(page.locator(".seen")).to_be_hidden()
    expect(page.locator(".boxes div")).to_have_count(0)


@pytest.mark.parametrize("drawn", range(10))
@pytest.mark.parametrize(
    ("size", "slant", "shift"), [(0.7, 0.1, (0, 0)), (0.3, 0.2, (0.5, -0.3)), (0.95, 0, (0, 0))],
    ids=["medium", "small", "large"],
)  # fmt: skip
def test_a_drawn_digit_is_read(page: Page, drawn: int, size: float, slant: float, shift: tuple[float, float]):
    draw(page, place(drawn, 1, size, slant, shift))
    assert number(page) == str(drawn)
    expect(page.locator(".says")).to_contain_text(f"This is a{'n' * (drawn == 8)} {drawn}")
    expect(page.locator(".most-likely b")).to_have_text(str(drawn))


def test_a_drawn_number_is_read(page: Page):
    for i, drawn in enumerate([4, 7, 2]):
        draw(page, place(drawn, 1, 0.5, shift=(0.5 * (i - 1), 0)))
    assert number(page) == "472"
    expect(page.locator(".says")).to_contain_text("This is 472")
    lefts = [page.locator(".boxes div").nth(i).bounding_box()["x"] for i in range(3)]
    assert lefts == sorted(lefts)


def test_the_probabilities_change_as_one_draws(page: Page):
    box = page.locator(".sheet").bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    readings = set()
    for x, y in [(0.7, 0.2), (0.4, 0.8), (0.75, 0.8)]:  # a 7, and on to a 2
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        settle(page)
        readings.add(page.locator(".seen").get_attribute("src"))
    page.mouse.up()
    assert len(readings) == 3


def test_it_shows_what_the_network_saw(page: Page):
    draw(page, place(4, 1))
    settle(page)
    seen = page.locator(".seen")
    expect(seen).to_be_visible()
    assert seen.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [28, 28]


def is_blank(page: Page) -> bool:
    ink = (
        "sheet => sheet.getContext('2d').getImageData(0, 0, sheet.width, sheet.height).data.some((byte) => byte < 255)"
    )
    return not page.locator(".sheet").evaluate(ink)


def test_clear_forgets_the_drawing_and_the_answer_on_its_way(page: Page):
    on_their_way = []
    page.route("**/predict*", lambda route: on_their_way.append(route))
    draw(page, place(8, 1))
    assert not is_blank(page)
    page.get_by_role("button", name="Clear").click()
    on_their_way[0].continue_()
    settle(page)
    page.unroute("**/predict*")
    test_a_blank_sheet_asks_for_a_digit(page)
    assert is_blank(page)
    draw(page, place(1, 1))
    assert number(page) == "1"


@pytest.mark.parametrize("key", ["Delete", "Escape"])
def test_a_key_clears_even_while_the_pen_is_down(page: Page, key: str):
    draw(page, place(8, 1))
    page.mouse.down()
    page.keyboard.press(key)
    page.mouse.move(300, 300)
    page.mouse.up()
    settle(page)
    assert is_blank(page)


def test_undo_takes_the_last_stroke_back(page: Page):
    draw(page, place(1, 1))
    assert number(page) == "1"
    draw(page, [[(0.2, 0.1), (0.2, 0.9), (0.9, 0.9)]])
    settle(page)
    page.keyboard.press("Control+z")
    assert number(page) == "1"
    page.get_by_role("button", name="Undo").click()
    settle(page)
    test_a_blank_sheet_asks_for_a_digit(page)
    assert is_blank(page)


def test_two_visitors_at_once_do_not_mix(new_page):
    pages = [new_page(), new_page()]
    strokes = [place(drawn, 1)[0] for drawn in (3, 7)]
    for page, stroke in zip(pages, strokes, strict=True):
        draw(page, [stroke[: len(stroke) // 2 + 1]])
    for page, stroke in zip(pages, strokes, strict=True):
        draw(page, [stroke[len(stroke) // 2 :]])
    assert [number(page) for page in pages] == ["3", "7"]


def test_a_finger_draws_on_a_phone_and_nothing_scrolls_or_sticks_out(new_page):
    page = new_page(viewport={"width": 390, "height": 560}, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    box = page.locator(".sheet").bounding_box()
    touch = page.context.new_cdp_session(page)
    for stroke in place(5, 1):
        points = np.array(stroke) * box["height"] + [box["x"], box["y"]]
        for i, (x, y) in enumerate(points.tolist()):
            kind = "touchMove" if i else "touchStart"
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert number(page) == "5"
    assert page.evaluate("scrollY") == 0


def test_a_drawing_stays_when_the_window_changes(new_page):
    page = new_page(viewport={"width": 1000, "height": 660})
    draw(page, place(4, 1))
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("""async () => {
      for (let i = 0; i < 100 && document.querySelector(".sheet").height < 400; i += 1)
        await new Promise(requestAnimationFrame);
    }""")
    assert page.locator(".sheet").evaluate("sheet => sheet.height") > 400
    assert not is_blank(page)
