"""All kinds of picture: importing this package registers them."""

from benchmarks.scenes.kinds import drawn, files, lit, nothings, numbers, pens, ruled, sheets, surfaces  # noqa: F401
from benchmarks.scenes.kinds.registry import KINDS, Kind

__all__ = ["KINDS", "Kind"]
