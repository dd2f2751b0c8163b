"""A report on the disk: Markdown with PNGs next to it, and one HTML page, made from that Markdown, that loads nothing.

Names of commits and values of params are from the authors of a commit: Markdown shows them as text, and the page takes
no HTML from Markdown.
"""

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

import matplotlib
from markdown_it import MarkdownIt
from matplotlib.figure import Figure

from checks.gate import tables
from checks.gate.verdict import Verdict
from checks.page.sections import Block

_PAGE = Path(__file__).with_name("page.html")
# The same bytes at any time and with any version of matplotlib
_METADATA = {"png": {"Software": None}, "svg": dict.fromkeys(("Creator", "Date", "Format", "Type"))}


def save(verdict: Verdict, blocks: Sequence[Block], folder: Path) -> None:
    """Write index.html, report.md and its pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = [picture for block in blocks if not isinstance(block, str) for picture in block]
    text = markdown(blocks)
    page = html(verdict, text, {picture.file: render(picture.figure, "svg") for picture in pictures})
    for picture in pictures:
        (folder / picture.file).write_bytes(render(picture.figure, "png"))
    (folder / "report.md").write_text(text, encoding="utf-8", newline="\n")
    (folder / "index.html").write_text(page, encoding="utf-8", newline="\n")


def markdown(blocks: Sequence[Block]) -> str:
    rows = (
        block if isinstance(block, str) else "\n".join(f"![{picture.alt}]({picture.file})" for picture in block)
        for block in blocks
    )
    return "\n\n".join(row for row in rows if row) + "\n"


def html(verdict: Verdict, text: str, drawings: dict[str, bytes]) -> str:
    """Return the page of a report in Markdown, with an SVG in place of each picture, by its file name."""
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    for file, svg in drawings.items():
        source = f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
        body = body.replace(f'<img src="{file}"', f'<img src="{source}"')
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(
        title=escape(tables.conclusion(verdict)),
        verdict="failed" if verdict.failed else "passed",
        body=body,
    )


def render(figure: Figure, form: str) -> bytes:
    stream = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "report"}):
        figure.savefig(stream, format=form, dpi=150, metadata=_METADATA[form])
    return stream.getvalue()
