"""The pictures of a kind as files, and as one sheet to look at."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from benchmarks.scenes.kinds import Kind
from benchmarks.scenes.scoring import Scene

_CELL, _COLUMNS, _LABEL = 200, 8, 14  # pixels


def save(kind: Kind, scenes: list[Scene], folder: Path) -> None:
    """Write FOLDER/KIND/NUMBER-TEXT.SUFFIX of each picture and FOLDER/KIND.png of all."""
    (folder / kind.name).mkdir(parents=True, exist_ok=True)
    for i, scene in enumerate(scenes):
        text = "nothing" if scene.number is None else scene.number.replace(" ", "_")
        (folder / kind.name / f"{i:03}-{text}.{suffix(scene.content)}").write_bytes(scene.content)
    contact_sheet(scenes).save(folder / f"{kind.name}.png")


def suffix(content: bytes) -> str:
    with Image.open(io.BytesIO(content)) as image:
        return str(image.format).lower()


def contact_sheet(scenes: list[Scene]) -> Image.Image:
    """Return all pictures, reduced, each over its number."""
    rows = -(-len(scenes) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * _CELL, rows * (_CELL + _LABEL)), (90, 90, 140))
    pen = ImageDraw.Draw(sheet)
    for i, scene in enumerate(scenes):
        left, top = i % _COLUMNS * _CELL, i // _COLUMNS * (_CELL + _LABEL)
        with Image.open(io.BytesIO(scene.content)) as image:
            small = ImageOps.contain(visible(image), (_CELL - 4, _CELL - 4))
        sheet.paste(small, (left + 2, top + 2))
        pen.text((left + 4, top + _CELL), scene.number or "-", (255, 255, 0))
    return sheet


def visible(image: Image.Image) -> Image.Image:
    """Return the picture upright in RGB, on grey if it is transparent, and with 16 bits reduced to 8."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image) // 257).astype(np.uint8))
    if image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, (190, 190, 190)), image.convert("RGBA"))
    return image.convert("RGB")
