"""A small MNIST on a local server: the real `download` of a clone runs without a network, or while it fails."""

import gzip
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from stages.ingest import mnist
from stages.ingest.kaggle_csv import Table

TEST_ROWS = 300


class Server(ThreadingHTTPServer):
    """Serves `files` by name; if `broken`, closes the connection in the middle of each."""

    files: dict[str, bytes]
    broken = False


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content = gzip.compress(self.server.files[self.path.removeprefix("/").removesuffix(".gz")])
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if self.server.broken else content)

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def serve(digits: Table) -> Iterator[Server]:
    """Serve these digits as MNIST's four files."""
    with Server(("127.0.0.1", 0), _Handler) as server:
        images, labels = digits.pixels.reshape(-1, 28, 28), digits.labels
        server.files = {
            mnist.TRAIN_IMAGES: to_idx(images[TEST_ROWS:]),
            mnist.TRAIN_LABELS: to_idx(labels[TEST_ROWS:]),
            mnist.TEST_IMAGES: to_idx(images[:TEST_ROWS]),
            mnist.TEST_LABELS: to_idx(labels[:TEST_ROWS]),
        }
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def point_at(server: Server, module: Path) -> None:
    """Append the server and its hashes to the clone's `stages/ingest/mnist.py`, in place of the public sources."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in server.files.items()}
    with module.open("a") as stream:
        url = f"http://127.0.0.1:{server.server_port}/*.gz"
        stream.write(f"\nSOURCES = {{{url!r}: download_gzip}}\nSHA256 = {hashes!r}\n")


def to_idx(array: np.ndarray) -> bytes:
    """Return an array of unsigned bytes as an IDX file."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes()
