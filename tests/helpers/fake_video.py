"""A video for Chromium's fake camera."""

from pathlib import Path

import numpy as np
from PIL import Image

FRAMES = 10


def write_y4m(path: Path, picture: Image.Image) -> None:
    """Write a still picture, of even width and height, as uncompressed video in grey."""
    width, height = picture.size
    grey = 16 + np.asarray(picture.convert("L"), np.float64) * (219 / 255)  # the range of video
    frame = b"FRAME\n" + grey.astype(np.uint8).tobytes() + bytes([128]) * (width * height // 2)
    path.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * FRAMES)
