"""Image files of digits, from a path or a stream, as pixels; one line of error for what cannot be read."""

import warnings
from typing import BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from app.ink import to_pixels
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import SIDE

_MOST_PIXELS = 50_000_000  # of an image file: a small file can unpack to more than the memory holds


def silence_pillow() -> None:
    """Stop Pillow's warnings, of large images and of damaged metadata, for the whole process.

    The limit here is stricter, and an image that can be read needs no line next to its prediction.
    """
    warnings.filterwarnings("ignore", module=r"PIL\.")


def read_pixels(source: str | BinaryIO, formats: tuple[str, ...] | None = None, keep_mnist: bool = False) -> np.ndarray:
    """Return a file's image as (28, 28) uint8, ink = 255: of Pillow's `formats`, all by default.

    With `keep_mnist`, a 28x28 grey image stays as it is. Raises PipelineError if it is not an image of a digit.
    """
    try:
        with Image.open(source, formats=formats) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise PipelineError(f"too large: {image.width} x {image.height} pixels")
            if keep_mnist and (image.size, image.mode) == ((SIDE, SIDE), "L"):
                return np.asarray(image)
            return to_pixels(image)
    except Image.DecompressionBombError:
        raise PipelineError(f"too large: more than {_MOST_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise PipelineError("not an image") from None
    except FileNotFoundError:
        raise PipelineError("no such file") from None
    except PipelineError:
        raise
    except Exception as error:  # Pillow's decoders raise whatever a damaged file leads them into
        reason = getattr(error, "strerror", None) or f"damaged image ({str(error) or type(error).__name__})"
        raise PipelineError(reason) from None
