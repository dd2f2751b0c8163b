"""What a camera or a scanner makes of a page: light, a desk around it, perspective, blur, noise and a file."""

import io

import cv2
import numpy as np
from PIL import Image

from benchmarks.scenes.draws import Draws
from benchmarks.scenes.ink import Colour
from benchmarks.scenes.paper import noise


def light(draws: Draws, picture: np.ndarray, strength: float | None = None) -> np.ndarray:
    """Return the picture under a light that falls off towards one side, with a tint."""
    height, width = picture.shape[:2]
    strength = draws.uniform(0.05, 0.4) if strength is None else strength
    angle = draws.uniform(0, 2 * np.pi)
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, np.newaxis, np.newaxis]
    x = np.linspace(-1, 1, width, dtype=np.float32)[np.newaxis, :, np.newaxis]
    across = 0.35 * (float(np.cos(angle)) * x + float(np.sin(angle)) * y)
    fall = 1 - strength * (0.5 + across + 0.08 * (x * x + y * y))  # a lens darkens the corners
    tint = np.array([1, draws.uniform(0.95, 1), draws.uniform(0.86, 1)], np.float32)
    return picture * fall * tint


def shade(picture: np.ndarray, cover: np.ndarray, darkness: float) -> np.ndarray:
    """Return the picture with a shadow: (h, w) cover in [0, 1], darkness the share of light that it takes."""
    return picture * (1 - darkness * cover[..., np.newaxis])


def polygon(shape: tuple[int, ...], points: list[tuple[float, float]], softness: float) -> np.ndarray:
    """Return the (h, w) float32 cover of a polygon, in pixels, with edges blurred by `softness` pixels."""
    cover = np.zeros(shape[:2], np.float32)
    cv2.fillPoly(cover, [np.rint(np.array(points) * 16).astype(np.int32)], 1.0, cv2.LINE_AA, shift=4)
    return cv2.GaussianBlur(cover, (0, 0), softness) if softness > 0.5 else cover


def wood(draws: Draws, height: int, width: int, tone: Colour) -> np.ndarray:
    """Return a desk of wood: fibres along x, with bands."""
    fibres = cv2.resize(
        noise(draws, (height, max(4, width // 40)), 2.0), (width, height), interpolation=cv2.INTER_CUBIC
    )
    bands = cv2.resize(
        noise(draws, (height, max(4, width // 200)), 24.0), (width, height), interpolation=cv2.INTER_CUBIC
    )
    grain = (1 + 0.10 * fibres + 0.14 * bands)[..., np.newaxis]
    return np.clip(grain * np.array(tone, np.float32), 0.01, 1)


def lay(
    draws: Draws,
    sheet: np.ndarray,
    ground: np.ndarray,
    share: float,
    degrees: float = 0.0,
    tilt: float = 0.0,
    offset: tuple[float, float] = (0.0, 0.0),
) -> np.ndarray:
    """Return the sheet on the ground, with its own shadow.

    share: the sheet's larger side of the ground's. tilt: how much nearer, as a share, one corner is than another.
    offset: of the sheet's centre from the ground's, as shares of the ground's sides.
    """
    height, width = sheet.shape[:2]
    ground_height, ground_width = ground.shape[:2]
    scale = share * min(ground_height / height, ground_width / width)
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([(-width, -height), (width, -height), (width, height), (-width, height)]) * scale / 2
    corners = corners * (1 + tilt * np.array([draws.uniform(-1, 1) for _ in range(4)])[:, np.newaxis])
    corners = corners @ turn.T + np.array([ground_width * (0.5 + offset[0]), ground_height * (0.5 + offset[1])])
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    if scale < 0.6:  # a smooth reduction first, as a lens does
        sheet = cv2.GaussianBlur(sheet, (0, 0), 0.35 / scale)
    matrix = cv2.getPerspectiveTransform(source, corners.astype(np.float32))
    size = ground_width, ground_height
    warped = cv2.warpPerspective(sheet, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    edge = [(float(x), float(y)) for x, y in corners]
    cover = polygon(ground.shape, edge, 0.8)[..., np.newaxis]
    depth = draws.uniform(2, 10)
    fallen = polygon(ground.shape, [(x + depth, y + depth) for x, y in edge], depth)
    return shade(ground, fallen, draws.uniform(0.2, 0.6)) * (1 - cover) + warped * cover


def develop(draws: Draws, picture: np.ndarray, noisy: float | None = None, blur: float | None = None) -> Image.Image:
    """Return the picture as a sensor sees it: blurred (pixels), noisy (of full light), 8 bits."""
    blur = draws.uniform(0.3, 1.2) if blur is None else blur
    noisy = draws.uniform(0.003, 0.025) if noisy is None else noisy
    if blur > 0.35:
        picture = cv2.GaussianBlur(picture, (0, 0), blur)
    height, width = picture.shape[:2]
    tile = draws.random.standard_normal((min(height, 512), min(width, 512), 3), np.float32)
    grain = np.tile(tile, (height // 512 + 1, width // 512 + 1, 1))[:height, :width]
    seen = cv2.scaleAdd(grain, noisy, picture.astype(np.float32, copy=False))
    return Image.fromarray(cv2.convertScaleAbs(seen.clip(0, 1), alpha=255))


def jpeg(image: Image.Image, quality: int) -> bytes:
    return encode(image, "JPEG", quality=quality)


def encode(image: Image.Image, format_: str, **options: object) -> bytes:
    """Return the file's bytes."""
    if format_ == "PNG":
        options = {"compress_level": 1} | options  # noise does not compress, and takes long to try
    stream = io.BytesIO()
    image.save(stream, format_, **options)
    return stream.getvalue()
