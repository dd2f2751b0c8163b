import pytest
from playwright.sync_api import Page, expect

from benchmarks.served_page import draw, open_page, settle
from benchmarks.strokes import place
from tests.helpers.page_answers import answer, number

pytestmark = pytest.mark.browser

# The visible controls and pictures that have no name for a screen reader.
NAMELESS = """() => [...document.querySelectorAll("button, input, select, canvas, img, video, a")]
  .filter((each) => each.checkVisibility())
  .filter((each) => !(each.getAttribute("aria-label") || each.alt || each.labels?.[0]?.innerText || each.innerText))
  .map((each) => each.outerHTML)"""


@pytest.fixture
def answered(new_page) -> Page:
    page = new_page()
    answer(page, "47 2")
    draw(page, place(4, 1))
    settle(page)
    return page


def test_each_digit_has_a_box_over_the_picture(answered: Page):
    sheet = answered.locator(".sheet").bounding_box()
    assert answered.locator(".boxes b").all_inner_texts() == ["4", "7", "2"]
    box = answered.locator(".boxes div").nth(1).bounding_box()
    shares = [(box["x"] - sheet["x"]) / sheet["width"], box["width"] / sheet["width"], box["height"] / sheet["height"]]
    assert shares == pytest.approx([40 / 160, 10 / 160, 20 / 100], abs=0.01)


def test_lines_stay_lines(answered: Page):
    tops = [button.bounding_box()["y"] for button in answered.locator(".number button").all()]
    assert tops[0] == tops[1] < tops[2]


def test_the_first_digit_is_shown_until_another_is_chosen_by_mouse_or_keyboard(answered: Page):
    chosen = answered.locator(".most-likely b")
    expect(chosen).to_have_text("4")
    answered.get_by_role("button", name="7, 90 percent").click()
    expect(chosen).to_have_text("7")
    answered.keyboard.press("Tab")
    expect(chosen).to_have_text("2")
    expect(answered.locator(".number button[aria-pressed=true]")).to_have_text("2")


def test_a_choice_and_the_focus_stay_while_one_draws_on(answered: Page):
    answered.get_by_role("button", name="7, 90 percent").focus()
    draw(answered, place(1, 1, 0.3, shift=(0.5, 0)))
    settle(answered)
    expect(answered.locator(".most-likely b")).to_have_text("7")
    expect(answered.get_by_role("button", name="7, 90 percent")).to_have_class("selected")


def test_a_screen_reader_hears_the_number(answered: Page):
    expect(answered.get_by_role("status").first).to_have_text("This is 47 2, 80 percent")


def test_a_doubt_is_shown_plainly(new_page):
    page = new_page()
    answer(page, "4", doubt="unsure: 4 or 9")
    draw(page, place(4, 1))
    assert number(page) == "4"
    expect(page.locator(".says")).to_contain_text("Unsure: 4 or 9")
    expect(page.locator(".reading")).to_have_attribute("data-state", "unsure")


def test_a_picture_without_a_digit_is_not_an_error(new_page):
    page = new_page()
    answer(page, doubt="no digit found")
    draw(page, place(4, 1))
    assert number(page) == ""
    expect(page.locator(".says")).to_have_text("No digit found")
    expect(page.locator(".reading")).to_have_attribute("data-state", "blank")


def test_words_of_the_server_are_shown_as_text(new_page):
    page = new_page()
    answer(page, doubt="<b>${bold}</b>")
    draw(page, place(4, 1))
    settle(page)
    expect(page.locator(".says")).to_have_text("<b>${bold}</b>")


def test_without_the_server_the_page_says_so(browser, url: str):
    page = open_page(browser.new_page(), url)
    page.route("**/predict*", lambda route: route.abort())
    draw(page, place(6, 1))
    expect(page.locator(".says")).to_have_text("The server does not answer: is python -m app.draw still running?")


def test_everything_has_a_name(answered: Page):
    assert answered.evaluate("document.documentElement.lang") == "en"
    assert answered.evaluate(NAMELESS) == []
    answered.get_by_role("button", name="Clear").click()
    assert answered.evaluate(NAMELESS) == []


def test_everything_is_reached_by_the_keyboard_and_shows_it(answered: Page):
    draw_button = answered.get_by_role("button", name="Draw")
    while not draw_button.evaluate("button => button === document.activeElement"):
        answered.keyboard.press("Tab")
    reached = []
    for _ in range(10):
        reached.append(answered.evaluate("document.activeElement.innerText.split('\\n')[0]"))
        assert answered.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        answered.keyboard.press("Tab")
    assert reached == ["Draw", "Picture…", "Camera", "Undo", "Clear", "4", "7", "2", "0", "Keep"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(new_page, scheme: str):
    page = new_page(color_scheme=scheme)
    colours = page.evaluate("""() => ["--page", "--text", "--faint", "--unsure", "--error", "--accent", "--on-accent"]
      .map((name) => getComputedStyle(document.documentElement).getPropertyValue(name))""")
    background, *texts, accent, on_accent = map(luminance, colours)
    assert min(contrast(text, background) for text in texts) >= 4.5  # WCAG AA
    assert contrast(accent, on_accent) >= 4.5
    assert (background < 0.1) == (scheme == "dark")


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
