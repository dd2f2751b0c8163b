import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from benchmarks.served_page import ROOT, draw, open_page, serve, settle
from benchmarks.strokes import place
from tests.helpers.page_answers import answer

pytestmark = pytest.mark.browser


def correct(page: Page, digit: int) -> Path:
    """Say what the selected digit is; return where the page says it is kept."""
    page.get_by_label("Not right? It is a").select_option(str(digit))
    page.get_by_role("button", name="Keep").click()
    kept = page.locator(".kept")
    expect(kept).to_contain_text("Kept as")
    return Path(kept.inner_text().removeprefix("Kept as ").removesuffix("."))


def test_a_corrected_drawing_is_a_row_of_the_csv(page: Page, kept: Path, tmp_path: Path):
    draw(page, place(1, 1))
    settle(page)
    path = correct(page, 7)
    assert path.parent == Path("7")
    csv = tmp_path / "own.csv"
    command = [sys.executable, "-m", "app.to_csv", str(kept), "-o", str(csv)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    rows = np.loadtxt(csv, delimiter=",", skiprows=1, ndmin=2)
    assert 7 in rows[:, 0]
    assert rows[:, 1:].max(axis=1).min() == 255


def test_one_digit_of_a_number_is_cut_out(new_page, kept: Path):
    page = new_page()
    answer(page, "47")
    draw(page, place(4, 1))
    settle(page)
    page.get_by_role("button", name="7, 90 percent").click()
    expect(page.get_by_label("Not right? It is a")).to_have_value("7")
    path = correct(page, 9)
    assert path.parent == Path("9")
    assert Image.open(kept / path).size == (14, 24)  # of 10 x 20, with its margin


def test_a_server_that_keeps_nothing_offers_nothing(browser: Browser):
    with serve() as url:
        page = open_page(browser.new_page(), url)
        draw(page, place(1, 1))
        settle(page)
        expect(page.locator(".correction")).to_be_hidden()
