"""Run digit-recognizer.ipynb from top to bottom and save it with its outputs, to be committed.

The same results give the same bytes: times, versions and an editor's settings are removed.
"""

import argparse
import base64
import io
from pathlib import Path

import nbclient
import nbformat
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from PIL import Image

from stages.artifacts.errors import PipelineError, run

NOTEBOOK = Path("digit-recognizer.ipynb")
METADATA = {"kernelspec": {"display_name": "Python 3", "name": "python3"}, "language_info": {"name": "python"}}

_PNG = "image/png"
_COLOURS = 64  # in a picture: a third of the bytes, with no visible difference
_TIMEOUT = 120  # seconds per cell
_QUIET = ["--log-level=ERROR"]  # the kernel warns that its connection, to this machine alone, is not encrypted


def main() -> None:
    argparse.ArgumentParser(prog="python -m checks.notebook", description=__doc__).parse_args()
    notebook = nbformat.read(NOTEBOOK, nbformat.NO_CONVERT)
    print(f"running the {len(notebook.cells)} cells of {NOTEBOOK}: about half a minute", flush=True)
    try:
        execute(notebook, Path.cwd())
    except CellExecutionError as error:
        failure = PipelineError(f"a cell of {NOTEBOOK} fails; the file is unchanged")
        failure.add_note(str(error))
        raise failure from None
    nbformat.write(notebook, NOTEBOOK)


def execute(notebook: NotebookNode, folder: Path) -> None:
    """Run every cell in a new kernel, with `folder` as the current one, and put the outputs into the notebook.

    Raises CellExecutionError if a cell fails.
    """
    notebook.metadata = nbformat.from_dict(METADATA)
    nbclient.execute(
        notebook, cwd=str(folder), timeout=_TIMEOUT, record_timing=False, coalesce_streams=True, extra_arguments=_QUIET
    )
    notebook.metadata = nbformat.from_dict(METADATA)  # without the version of Python, which nbclient adds
    for cell in notebook.cells:
        cell.metadata = NotebookNode()
        for output in cell.get("outputs", []):
            if _PNG in output.get("data", {}):
                output.data[_PNG] = shrink(output.data[_PNG])


def shrink(png: str) -> str:
    """Return a base64 picture with a palette of a few colours."""
    stream = io.BytesIO()
    with Image.open(io.BytesIO(base64.b64decode(png))) as picture:
        picture.convert("RGB").quantize(_COLOURS).save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue()).decode()


if __name__ == "__main__":
    run(main)
