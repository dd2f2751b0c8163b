import numpy as np
import pytest

from app.reading.contrast import REACHES, contrast, ink_mask, single_channel
from benchmarks.strokes import image as draw

INK = np.asarray(draw(3, 200)) < 128
COLOURS = {
    "black on white": ((20, 20, 20), (240, 240, 240)),
    "pencil": ((140, 140, 140), (215, 215, 210)),
    "blue on white": ((40, 60, 180), (235, 235, 230)),
    "red on equally bright green": ((200, 60, 60), (65, 131, 80)),
    "blue on equally bright yellow": ((110, 110, 255), (150, 125, 20)),
}


def picture(ink: tuple[int, int, int], paper: tuple[int, int, int]) -> np.ndarray:
    return np.where(INK[..., None], np.uint8(ink), np.uint8(paper))


def overlap(found: np.ndarray) -> float:
    """Return how much of two areas of ink is in both."""
    return (found & INK).sum() / (found | INK).sum()


@pytest.mark.parametrize(("ink", "paper"), COLOURS.values(), ids=COLOURS.keys())
def test_ink_of_any_colour_is_found(ink: tuple[int, int, int], paper: tuple[int, int, int]):
    channel = single_channel(picture(ink, paper))
    light_ink = bool(np.median(channel[INK]) > np.median(channel[~INK]))
    assert overlap(ink_mask(contrast(channel, light_ink, REACHES[0]))) > 0.7


def test_grey_is_used_unless_another_channel_is_clearer():
    plain = picture((20, 20, 20), (240, 240, 240))
    assert np.array_equal(single_channel(plain), plain[..., 0])


@pytest.mark.parametrize("light_ink", [False, True])
def test_paper_has_no_contrast_and_ink_has_its_own(light_ink: bool):
    grey = np.where(INK, 100, 200).astype(np.uint8)
    found = contrast(255 - grey if light_ink else grey, light_ink, REACHES[0])
    assert found.shape == INK.shape
    assert found.dtype == np.float32
    assert np.percentile(found[~INK], 80) < 5
    assert np.percentile(found[INK], 80) == pytest.approx(100, abs=10)


def test_a_shadow_is_not_ink():
    light = np.where(np.arange(200) < 90, 1.0, 0.55)
    grey = (np.where(INK, 60, 230) * light).astype(np.uint8)
    assert overlap(ink_mask(contrast(grey, False, REACHES[0]))) > 0.6


def test_a_blank_page_with_noise_has_hardly_any_ink():
    noisy = np.clip(np.random.RandomState(0).normal(200, 4, (300, 300)), 0, 255).astype(np.uint8)
    assert ink_mask(contrast(noisy, False, REACHES[0])).mean() < 0.002
