"""All kinds of picture: importing this package registers them."""

from benchmarks.scenes.kinds import (  # noqa: F401
    doodles,
    drawn,
    files,
    joined,
    lit,
    nothings,
    numbers,
    pens,
    ruled,
    sheets,
    stains,
    surfaces,
)  # fmt: skip
from benchmarks.scenes.kinds.registry import KINDS, Kind

__all__ = ["KINDS", "Kind"]
