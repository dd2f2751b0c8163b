import io

import numpy as np
import pytest
from PIL import Image

from benchmarks.scenes import paper
from benchmarks.scenes.draws import Draws, half_of
from benchmarks.scenes.gallery import contact_sheet, visible
from benchmarks.scenes.ink import BLACK, Pen, mask, thin
from benchmarks.scenes.kinds import KINDS
from benchmarks.scenes.scoring import paint
from stages.artifacts.arrays import Digits
from stages.artifacts.images import normalise
from stages.ingest.kaggle_csv import Table

QUICK = ("mnist_png", "tiny", "transparent_png", "number_of_mnist_images", "drawing_canvas")
BLANK = ("blank_paper", "blank_sheet_on_desk", "wooden_desk_only", "clutter")


@pytest.fixture(scope="module")
def rows(digits: Table) -> Digits:
    return Digits(normalise(digits.pixels), digits.labels)


def contrast(content: bytes) -> int:
    """Return the widest range of a colour in a picture, of 255."""
    with Image.open(io.BytesIO(content)) as image:
        return max(high - low for low, high in visible(image).getextrema())


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_draws_ink_and_notes_its_digits(name: str, rows: Digits):
    kind = KINDS[name]
    scene = paint(kind, "report", rows, 0)
    assert name in BLANK or contrast(scene.content) > 50
    digits = "" if scene.number is None else scene.number.replace(" ", "")
    expected = {"digit": (1, 1), "number": (2, 10), "touching": (2, 6)}.get(kind.family, (0, 0))
    assert expected[0] <= len(digits) <= expected[1]


@pytest.mark.parametrize("name", QUICK)
def test_a_kind_is_the_same_at_every_run_and_differs_between_pictures_and_halves(name: str, rows: Digits):
    first = paint(KINDS[name], "tune", rows, 0)
    assert paint(KINDS[name], "tune", rows, 0) == first
    others = [paint(KINDS[name], "tune", rows, 1), paint(KINDS[name], "report", rows, 0)]
    assert first.content not in [other.content for other in others]


def test_halves_share_no_row_and_no_parameter(rows: Digits):
    numbered = Digits(np.arange(len(rows.images)), rows.labels)
    tune, report = (set(half_of(numbered, half).images.tolist()) for half in ("tune", "report"))
    assert not tune & report
    assert len(tune | report) == len(rows.images)
    strata = [{int(Draws(rows, half, "any", i).uniform(0, 16)) for i in range(200)} for half in ("tune", "report")]
    assert strata == [set(range(0, 16, 2)), set(range(1, 16, 2))]


def test_a_mask_has_the_digit_s_shape_at_any_height(rows: Digits):
    eight = rows.images[8]
    for height in (15, 400):
        soft = mask(eight, height)
        assert abs(soft.shape[0] - height) <= 0.08 * height + 2
        small = np.asarray(Image.fromarray(soft).resize((11, 20)))
        original = np.asarray(Image.fromarray(trimmed(eight)).resize((11, 20)))
        assert np.corrcoef(small.ravel(), original.ravel())[0, 1] > 0.8


def test_a_ballpoint_is_as_wide_as_asked(rows: Digits):
    one = rows.images[1]
    thin_line, thick_line = (mask(one, 300, width) for width in (0.03, 0.1))
    assert 2 < thick_line.sum() / thin_line.sum() < 4


def test_thin_leaves_a_line_of_one_pixel():
    bar = np.zeros((20, 40), bool)
    bar[6:13, 5:35] = True
    line = thin(bar)
    assert line.sum(axis=0).max() == 1
    assert line.sum() > 20


def test_a_digit_is_written_where_its_box_is(rows: Digits):
    draws = Draws(rows, "tune", "any", 0)
    page = np.ones((300, 400, 3), np.float32)
    left, top, width, height = map(int, paper.digit(draws, page, 0.4, Pen(BLACK, None)))
    inside = page[top : top + height, left : left + width]
    assert inside.min() < 0.3
    inside[:] = 1
    page[top : top + height + 2, left : left + width + 2] = 1  # the box is rounded to whole pixels
    assert page.min() == 1


def test_a_stroke_beyond_the_page_is_cut_off():
    page = np.ones((50, 60, 3), np.float32)
    paper.stroke(page, [(-30, 25), (90, 25)], 3, BLACK)
    paper.stroke(page, [(-30, -25), (-10, -25)], 3, BLACK)
    assert (page[25] < 0.2).all()
    assert page[:20].min() == 1


def test_contact_sheet_shows_each_picture(rows: Digits):
    scenes = [paint(KINDS["mnist_png"], "tune", rows, i) for i in range(9)]
    sheet = np.asarray(contact_sheet(scenes))
    assert sheet.shape == (2 * 214, 8 * 200, 3)
    assert sheet[214 + 20 : 214 + 180, 20:180].max() > 200


def trimmed(image: np.ndarray) -> np.ndarray:
    y, x = np.nonzero(image > 0.3)
    return image[y.min() : y.max() + 1, x.min() : x.max() + 1]
