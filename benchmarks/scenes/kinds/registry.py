"""The kinds of picture by name. A kind draws one: pixels, or the bytes of a file if the format matters."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from PIL import Image

from benchmarks.scenes.draws import Draws

Family = Literal["digit", "number", "touching", "nothing", "lookalike"]
Picture = Image.Image | bytes
Painter = Callable[[Draws], Picture]


class Kind(NamedTuple):
    """One kind of picture, and what a reader has to make of it."""

    name: str
    family: Family
    paint: Painter

    @property
    def holds_digits(self) -> bool:
        """Whether the digits are to be read; else every answer but a refusal is wrong."""
        return self.family in ("digit", "number", "touching")


KINDS: dict[str, Kind] = {}


def kind(family: Family) -> Callable[[Painter], Painter]:
    """Register a function as the kind of its name."""

    def register(paint: Painter) -> Painter:
        name = paint.__name__
        if name in KINDS:
            raise ValueError(f"two kinds are named {name}")
        KINDS[name] = Kind(name, family, paint)
        return paint

    return register
