"""A folder of pictures that were read wrongly, each in the folder of its true digit, as `app.to_csv` takes them."""

import hashlib
import threading
from pathlib import Path

import numpy as np
from PIL import Image

from app.reading.marks import Box
from stages.artifacts.errors import PipelineError
from stages.artifacts.files import atomic_write
from stages.artifacts.images import CLASSES

_MARGIN = 0.1  # around a digit that is cut out, of its longer side
_lock = threading.Lock()  # two clients may keep the same picture at once


def keep(picture: np.ndarray, digit: int, box: Box | None, folder: Path) -> Path:
    """Save an upright (h, w, 3) uint8 picture, or the box of it, as folder/digit/NAME.png; return its path in `folder`.

    The name is a hash of the pixels: a picture is kept once, as the digit that was said last. Raises PipelineError if
    the box is not within the picture, OSError if the file cannot be written.
    """
    pixels = picture if box is None else cut(picture, box)
    name = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()[:20] + ".png"
    path = Path(str(digit), name)
    with _lock:
        with atomic_write(folder / path) as partial:
            Image.fromarray(pixels).save(partial, "PNG")
        for other in set(range(CLASSES)) - {digit}:
            (folder / str(other) / name).unlink(missing_ok=True)
    return path


def cut(picture: np.ndarray, box: Box) -> np.ndarray:
    """Return the box of a picture with a margin around it, as far as the picture goes."""
    left, top, width, height = box
    if not (0 <= left < left + width <= picture.shape[1] and 0 <= top < top + height <= picture.shape[0]):
        raise PipelineError("the box is not within the picture")
    margin = round(_MARGIN * max(width, height))
    rows = slice(max(0, top - margin), top + height + margin)
    columns = slice(max(0, left - margin), left + width + margin)
    return np.ascontiguousarray(picture[rows, columns])
