"""The cells of a Markdown table, without the padding."""


def cells(text: str) -> list[list[str]]:
    """Return the cells of each line of the table in a text, headings first."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not line.startswith("|:-")]
