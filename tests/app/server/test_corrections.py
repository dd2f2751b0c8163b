from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.server.corrections import cut, keep
from stages.artifacts.errors import PipelineError


@pytest.fixture
def picture() -> np.ndarray:
    """A picture whose pixels are all different: red is the row, green the column."""
    rows, columns = np.mgrid[:100, :200].astype(np.uint8)
    return np.stack([rows, columns, np.zeros_like(rows)], axis=-1)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def test_a_picture_is_kept_as_it_is_in_the_folder_of_its_digit(picture: np.ndarray, tmp_path: Path):
    path = keep(picture, 4, None, tmp_path)
    assert path.parent == Path("4")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / path)), picture)


def test_a_box_is_cut_out_with_a_margin_as_far_as_the_picture_goes(picture: np.ndarray):
    np.testing.assert_array_equal(cut(picture, (50, 20, 30, 40)), picture[16:64, 46:84])
    np.testing.assert_array_equal(cut(picture, (0, 0, 200, 100)), picture)


@pytest.mark.parametrize(
    "box", [(-1, 0, 9, 9), (0, -1, 9, 9), (195, 0, 9, 9), (0, 95, 9, 9), (5, 5, 0, 9), (5, 5, 9, -2)]
)
def test_a_box_outside_the_picture_is_an_error(box: tuple[int, int, int, int], picture: np.ndarray):
    with pytest.raises(PipelineError, match="not within"):
        cut(picture, box)


def test_the_same_picture_is_kept_once_and_another_beside_it(picture: np.ndarray, tmp_path: Path):
    first = [keep(picture, 4, None, tmp_path) for _ in range(2)]
    assert first[0] == first[1]
    other = keep(255 - picture, 4, None, tmp_path)
    assert files(tmp_path) == sorted(path.as_posix() for path in {first[0], other})


def test_pictures_with_the_same_bytes_in_another_form_do_not_collide(tmp_path: Path):
    paths = {keep(np.zeros(shape, np.uint8), 4, None, tmp_path) for shape in [(10, 20, 3), (20, 10, 3)]}
    assert len(paths) == 2


def test_the_digit_that_was_said_last_holds(picture: np.ndarray, tmp_path: Path):
    keep(picture, 4, None, tmp_path)
    path = keep(picture, 9, None, tmp_path)
    assert files(tmp_path) == [path.as_posix()]


def test_clients_that_keep_at_once_do_not_disturb_each_other(picture: np.ndarray, tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(lambda i: keep(picture + i % 2, 4, None, tmp_path), range(40)))
    assert files(tmp_path) == sorted(path.as_posix() for path in paths)
    assert len(paths) == 2
