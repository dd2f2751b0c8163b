import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from benchmarks.served_page import draw, open_page
from benchmarks.strokes import image, place
from tests.helpers.page_answers import number

pytestmark = pytest.mark.browser


def choose(page: Page, path: Path) -> None:
    page.locator("input[type=file]").set_input_files(path)


def hand_over(page: Page, path: Path, event: str, holder: str) -> None:
    """Let the page get a paste or drop event that holds a file."""
    page.evaluate(
        """([name, content, event, holder]) => {
          const bytes = Uint8Array.from(atob(content), (byte) => byte.charCodeAt(0));
          const data = new DataTransfer();
          data.items.add(new File([bytes], name));
          const Kind = event === "paste" ? ClipboardEvent : DragEvent;
          document.dispatchEvent(new Kind(event, { [holder]: data, cancelable: true }));
        }""",
        [path.name, base64.b64encode(path.read_bytes()).decode(), event, holder],
    )


def paste(page: Page, path: Path) -> None:
    hand_over(page, path, "paste", "clipboardData")


def drop(page: Page, path: Path) -> None:
    hand_over(page, path, "drop", "dataTransfer")


@pytest.mark.parametrize("way", [choose, paste, drop])
def test_a_picture_is_shown_and_read(page: Page, way: Callable[[Page, Path], None], tmp_path: Path):
    for i in (3, 5):
        image(i).resize((150, 200)).save(tmp_path / f"{i}.jpg")
        way(page, tmp_path / f"{i}.jpg")
        expect(page.locator(".number button")).to_have_text(str(i))
        picture = page.locator(".picture")
        expect(picture).to_be_visible()
        assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [150, 200]
        expect(page.locator(".boxes div")).to_have_count(1)
        expect(page.locator(".sheet")).to_be_hidden()


def test_the_clipboard_is_pasted_by_its_key(new_page):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.evaluate("""async () => {
      const sheet = document.createElement("canvas");
      const pen = sheet.getContext("2d");
      pen.fillStyle = "white";
      pen.fillRect(0, 0, 300, 150);
      pen.fillStyle = "black";
      pen.fillRect(140, 20, 15, 110);
      const blob = await new Promise((resolve) => sheet.toBlob(resolve));
      await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
    }""")
    page.keyboard.press("Control+v")
    expect(page.locator(".number button")).to_have_text("1")


def test_draw_brings_a_blank_sheet_back(page: Page, tmp_path: Path):
    image(3).save(tmp_path / "3.png")
    choose(page, tmp_path / "3.png")
    expect(page.locator(".number button")).to_have_text("3")
    page.get_by_role("button", name="Draw").click()
    expect(page.locator(".picture")).to_be_hidden()
    draw(page, place(7, 1))
    assert number(page) == "7"


def test_a_format_that_only_the_server_reads_is_read(page: Page, tmp_path: Path):
    image(6).save(tmp_path / "6.tiff")
    choose(page, tmp_path / "6.tiff")
    expect(page.locator(".number button")).to_have_text("6")
    expect(page.locator(".unseen")).to_be_visible()


def test_a_bad_picture_is_a_message_and_the_page_goes_on(browser, url: str, tmp_path: Path):
    page = open_page(browser.new_page(), url)  # not watched: the browser logs each refusal as an error
    (tmp_path / "text.png").write_text("no image")
    Image.new("L", (60, 60), 200).save(tmp_path / "blank.png")
    Image.new("1", (20000, 20000)).save(tmp_path / "bomb.png")
    (tmp_path / "large.png").write_bytes(bytes(10_000_001))
    messages = {"text": "not an image", "blank": "blank|no digit", "bomb": "too large", "large": "more than 10 MB"}
    for name, message in messages.items():
        choose(page, tmp_path / f"{name}.png")
        expect(page.locator(".says")).to_contain_text(re.compile(message, re.I))
        expect(page.locator(".number")).to_be_empty()
    image(2).save(tmp_path / "good.png")
    choose(page, tmp_path / "good.png")
    expect(page.locator(".number button")).to_have_text("2")
