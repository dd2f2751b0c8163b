"""Run the notebook from top to bottom and write it back with its outputs, to be committed.

The same results give the same bytes: what else a run leaves in the file (times, versions, the editor's settings) goes.
"""

import argparse
import base64
import io
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from PIL import Image
from traitlets.config import Config

from stages.artifacts.errors import PipelineError, run

NOTEBOOK = Path("digit-recognizer.ipynb")
PNG = "image/png"
METADATA = {"kernelspec": {"display_name": "Python 3", "name": "python3"}, "language_info": {"name": "python"}}

_FORMAT = 4
_COLOURS = 64  # of a picture: a third of the bytes, and no difference to the eye
_TRANSPORT = "tcp" if os.name == "nt" else "ipc"  # the kernel's sockets: files that nobody else can read, if possible
_PATIENCE = 120  # seconds that a cell may take


def main() -> None:
    argparse.ArgumentParser(prog="python -m checks.notebook", description=__doc__).parse_args()
    notebook = read(NOTEBOOK)
    print(f"running the {len(notebook.cells)} cells of {NOTEBOOK} in a fresh kernel: half a minute or so", flush=True)
    try:
        execute(notebook, Path.cwd())
    except CellExecutionError as error:
        failure = PipelineError(f"a cell of {NOTEBOOK} fails; the file is unchanged")
        failure.add_note(str(error))
        raise failure from None
    write(notebook, NOTEBOOK)


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=_FORMAT)


def write(notebook: NotebookNode, path: Path) -> None:
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


def execute(notebook: NotebookNode, folder: Path) -> None:
    """Run every cell in a fresh kernel that stands in `folder`; put the outputs into the notebook.

    Raises CellExecutionError where a cell fails.
    """
    with TemporaryDirectory() as settings:  # not the user's own, whose start-up files would have a say
        client = NotebookClient(
            notebook,
            kernel_name=METADATA["kernelspec"]["name"],
            timeout=_PATIENCE,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(folder)}},
            config=Config(KernelManager={"transport": _TRANSPORT, "connection_file": f"{settings}/kernel.json"}),
        )
        client.execute(env=os.environ | {"IPYTHONDIR": settings})
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = NotebookNode()
        for output in cell.get("outputs", []):
            if PNG in output.get("data", {}):
                output.data[PNG] = shrink(output.data[PNG])


def shrink(png: str) -> str:
    """Return a picture, in base64 as notebooks have it, with a palette."""
    stream = io.BytesIO()
    with Image.open(io.BytesIO(base64.b64decode(png))) as picture:
        picture.convert("RGB").quantize(_COLOURS).save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue()).decode()


if __name__ == "__main__":
    run(main)
