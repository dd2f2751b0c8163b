"""The blocks of code that the README and docs/ show."""

import re
from typing import NamedTuple

from tests.helpers.workspace import ROOT


class Block(NamedTuple):
    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        """A command can go on over several lines."""
        return [command for command in re.split(r"(?<!\\)\n", self.text) if command]


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    return [Block(*found) for found in re.findall(r"^```(bash|yaml)\n(.*?)^```$", read(page), re.M | re.S)]


def bash_blocks(page: str) -> list[Block]:
    return [block for block in blocks(page) if block.language == "bash"]
