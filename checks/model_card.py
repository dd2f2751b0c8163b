"""Write MODEL_CARD.md: what the networks are, what they are for, how good they are and where they fail.

Every figure in it is worked out from params.yaml, dvc.lock, metrics/, plots/ and benchmarks/peers.json of the
workspace, so run this after dvc repro and commit the card with them.
"""

import argparse
import re
import textwrap
from pathlib import Path

from checks.card import tables
from checks.card.card import Card, collect
from checks.card.tables import counted, interval, percent
from checks.gate import official, snapshot
from stages.artifacts.errors import PipelineError, run
from stages.evaluation import robustness

MODEL_CARD = Path("MODEL_CARD.md")

_WIDTH = 120
_AS_IT_IS = ("#", "|")  # how a line begins that is not prose


def main() -> None:
    check = parse_arguments().check
    text = markdown(collect(snapshot.of_workspace()))
    if not check:
        MODEL_CARD.write_text(text, encoding="utf-8", newline="\n")
    elif not MODEL_CARD.is_file() or MODEL_CARD.read_text(encoding="utf-8") != text:
        raise PipelineError(f"{MODEL_CARD} is stale: run python -m checks.model_card")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m checks.model_card", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if the card is not what it should be"
    )
    return parser.parse_args()


def markdown(card: Card) -> str:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # here, as --help works without it
    except ModuleNotFoundError:
        raise PipelineError("jinja2 is not installed: pip install -r requirements-dev.txt") from None
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "card"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )  # no autoescape: this is no HTML, and its words are the project's own
    environment.filters |= {"percent": percent, "interval": interval, "counted": counted}
    template = environment.get_template("model_card.md.jinja")
    rendered = template.render(
        card=card,
        tables=tables,
        official=official.IMAGES,
        doubtful=len(official.DOUBTFUL),
        corrupted=min(robustness.IMAGES, card.networks[0].wrong.whole),
    )
    return reflow(rendered)


def reflow(text: str) -> str:
    """Break the lines of each paragraph and list item anew, as figures of any length are filled in."""
    blocks = []
    for block in filter(None, (block.strip("\n") for block in text.split("\n\n"))):
        if block.startswith(_AS_IT_IS):
            blocks.append(block)
        else:
            items = block.replace("\n- ", "\n\n- ").split("\n\n")
            blocks.append("\n".join(map(_fill, items)))
    return "\n\n".join(blocks) + "\n"


def _fill(paragraph: str) -> str:
    indent = "  " if paragraph.startswith("- ") else ""
    words = " ".join(paragraph.split())
    words = re.sub("`.*?`", lambda code: code[0].replace(" ", "\0"), words)  # code stays on one line
    filled = textwrap.fill(words, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return filled.replace("\0", " ")


if __name__ == "__main__":
    run(main)
