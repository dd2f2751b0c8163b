"""A report laid out: one HTML page that loads nothing, and Markdown with its pictures as files beside it.

Every text is escaped on its way in: names of commits and values of params come from whoever wrote the commit.
"""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from checks.gate import tables
from checks.page.contents import Contents, Picture

_PLAIN = re.compile(r"[^\w .,:;+/()=%-]")  # what Markdown or HTML may give a meaning


def html(contents: Contents) -> str:
    return _render("report.html.jinja", contents)


def markdown(contents: Contents) -> str:
    return _render("report.md.jinja", contents)


def save(contents: Contents, folder: Path) -> None:
    """Write index.html, report.md and its pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for network in contents.networks:
        sheets = [sheet.picture for sheet in network.sheets if sheet.picture]
        for picture in [*network.curves, *network.confusions, *sheets]:
            (folder / picture.file).write_bytes(picture.png)
    (folder / "report.md").write_text(markdown(contents), encoding="utf-8", newline="\n")
    (folder / "index.html").write_text(html(contents), encoding="utf-8", newline="\n")


def escape_markdown(text: str) -> Markup:
    """Return text that Markdown shows as it is, also in a cell of a table."""
    return Markup(_PLAIN.sub(lambda match: f"&#{ord(match[0])};", text))


def _markdown_figure(picture: Picture) -> Markup:
    return Markup("![{}]({})").format(picture.alt, picture.file)


def _render(template: str, contents: Contents) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"plain": escape_markdown, "figure": _markdown_figure}
    comparison = contents.comparison
    verdict, _, reason = tables.conclusion(comparison).partition(": ")
    return environment.get_template(template).render(
        **vars(contents),
        verdict=verdict.capitalize(),
        reason=reason,
        headings=tables.HEADINGS,
        legend=tables.LEGEND,
        changes=[(change, tables.cells(change)) for change in tables.shown(comparison.changes)],
        floors=[(floor, tables.floor_line(floor)) for floor in comparison.floors],
        gate=Markup(tables.markdown(comparison)),
    )
