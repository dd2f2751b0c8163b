import os
import sys
from pathlib import Path

import pytest

from stages.artifacts.errors import PipelineError
from stages.ingest import npm

# In place of the npm client: checks its arguments, and packs a package with one file into the folder it is told.
NPM = """#!{python}
import io, sys, tarfile
command, package, option, folder, *_ = sys.argv[1:]
assert (command, package, option) == ("pack", "letters@1.0.0", "--pack-destination")
with tarfile.open(folder + "/letters-1.0.0.tgz", "w:gz") as archive:
    member = tarfile.TarInfo("package/data/a")
    member.size = 5
    archive.addfile(member, io.BytesIO(b"aaaaa"))
"""
FAILING_NPM = "#!{python}\nimport sys\nsys.exit('npm error code E404\\nnpm error 404 Not Found')\n"


def install(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make an executable `npm` the only one in PATH."""
    (folder / "npm").write_text(script.format(python=sys.executable))
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


needs_scripts = pytest.mark.skipif(os.name == "nt", reason="a script is no program on Windows")


@needs_scripts
def test_download_unpacks_the_file_that_the_url_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    install(NPM, tmp_path, monkeypatch)
    npm.download("npm:letters@1.0.0/data/a", str(tmp_path / "a"), None)
    assert (tmp_path / "a").read_bytes() == b"aaaaa"


@needs_scripts
def test_download_reports_the_first_line_of_an_npm_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    install(FAILING_NPM, tmp_path, monkeypatch)
    with pytest.raises(PipelineError, match=r"^npm pack failed \(npm error code E404\)$"):
        npm.download("npm:letters@1.0.0/data/a", str(tmp_path / "a"), None)


def test_download_reports_that_npm_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PipelineError, match="npm is not installed"):
        npm.download("npm:letters@1.0.0/data/a", str(tmp_path / "a"), None)
