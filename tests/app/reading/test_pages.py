"""The pages of a PDF or a TIFF, (h, w, 3) uint8 each."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from app.reading.pictures import read_pages
from benchmarks.strokes import image as draw
from tests.helpers.written import saved


def read(content: bytes) -> list[np.ndarray]:
    return list(read_pages(io.BytesIO(content)))


PAGES = [draw(digit, 60).convert("RGB") for digit in (3, 1, 4)]


def test_a_tiff_is_read_page_by_page():
    pages = read(saved(PAGES[0], "TIFF", save_all=True, append_images=PAGES[1:]))
    assert np.array_equal(pages, [np.asarray(page) for page in PAGES])


def pdf(pages: list[Image.Image]) -> bytes:
    return saved(pages[0], "PDF", save_all=True, append_images=pages[1:])


def test_a_pdf_is_read_page_by_page_as_large_as_a_scan():
    coloured = [Image.new("RGB", (60, 30), colour) for colour in ("red", "green", "blue")]
    pages = read(pdf(coloured))
    assert {page.shape for page in pages} <= {(1000, 2000, 3), (1001, 2001, 3)}
    for page, image in zip(pages, coloured, strict=True):
        assert np.abs(page[500, 1000].astype(int) - image.getpixel((0, 0))).max() < 8


def test_pages_are_rendered_one_at_a_time_whatever_the_threads(monkeypatch: pytest.MonkeyPatch):
    """PDFium is not thread-safe."""
    render, inside, most = pypdfium2.PdfPage.render, threading.Semaphore(1), []

    def alone(*arguments: object, **options: object) -> object:
        most.append(inside.acquire(blocking=False))
        try:
            return render(*arguments, **options)
        finally:
            if most[-1]:
                inside.release()

    monkeypatch.setattr(pypdfium2.PdfPage, "render", alone)
    content = pdf(PAGES)
    with ThreadPoolExecutor(4) as pool:
        assert [len(pages) for pages in pool.map(read, [content] * 12)] == [3] * 12
    assert len(most) == 36
    assert all(most)
