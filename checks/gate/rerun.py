"""The networks of base, run on the test images of head: new data can be judged, although base never saw it.

Imports onnxruntime and scikit-learn, so the gate imports this only when it is asked to.
"""

import hashlib
import tempfile
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np

from checks.gate.comparability import Pair, read_head
from checks.gate.figures import area, read_figure
from checks.gate.images import load_images
from checks.gate.lock import recorded_out
from checks.gate.opponents import Opponent
from checks.gate.results import Results, read_metrics
from checks.gate.snapshot import Snapshot
from checks.gate.storage import read_out
from stages.artifacts import arrays, paths
from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from stages.config.params import load_params
from stages.evaluation import metrics, robustness
from stages.evaluation.metrics import PredictionResults
from stages.inference.classifier import OnnxClassifier

_SPEED_IMAGES, _SPEED_ROUNDS = 2_000, 7
_IMAGES = arrays.images_path("test").as_posix()


def rerun(base: Snapshot, head: Snapshot) -> list[Opponent]:
    """Return base on all test images of head and, if it had others, also on those that both have.

    Raises PipelineError if head has no test labels, or if the models or the images of head are unavailable.
    """
    of_head = read_head(head)
    actual = next(iter(of_head.values())).actual
    if next(iter(of_head.values())).subset != "test":
        raise PipelineError(
            f"--rerun-base needs test labels, and {head.name} has none: base may have learned the others"
        )
    images = load_images(head, "test", len(actual))
    networks = {name: _load(base, name) for name in of_head}
    results = {name: metrics.prediction_results(actual, own.predict(images)) for name, own in networks.items()}
    pairs = {name: Pair(_as_committed(results[name], base, name), own) for name, own in of_head.items()}

    def figure(network: str, name: str) -> tuple[float, float]:
        kind, _, corruption = name.partition(".")
        if kind == "speed":
            return speeds(networks[network], _load(head, network), images[:_SPEED_IMAGES])
        after = read_figure(head, network, "test", name)
        if kind in ("brier", "ece"):
            return metrics.calibration(results[network])[kind], after
        if kind == "robustness":
            curve = robustness.curves(robustness.sample(Digits(images, actual)), networks[network].predict)[corruption]
            return area(list(zip(*(column.round(5) for column in curve.values()), strict=True))), after
        return read_figure(base, network, "test", name), after

    notes = [f"the networks of {base.name} were run on the test images of {head.name}; its metrics/ are of its own"]
    opponents = [Opponent(base.name, pairs, figure, notes)]
    if recorded_out(base, "preprocess", _IMAGES, "md5") == recorded_out(head, "preprocess", _IMAGES, "md5"):
        return opponents
    try:
        shared = shared_rows(images, np.load(BytesIO(read_out(base, "preprocess", _IMAGES)), allow_pickle=False))
    except PipelineError as error:
        notes.append(f"the test images that both sides have were not compared apart: {error}")
        return opponents
    notes.append(f"{len(shared):,} of the {len(images):,} test images are among those of {base.name}")
    if 0 < len(shared) < len(images):
        opponents.append(Opponent(f"{base.name}, shared images", pairs, None, [], shared))
    return opponents


def shared_rows(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the rows of (n, 28, 28) images that are also among the others, (k,) int64."""
    known = set(_digests(others))
    return np.array([row for row, digest in enumerate(_digests(images)) if digest in known], np.int64)


def _digests(images: np.ndarray) -> Iterator[bytes]:
    return (hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in images)


def speeds(base: OnnxClassifier, head: OnnxClassifier, images: np.ndarray) -> tuple[float, float]:
    """Return the images per second of both networks, from rounds in which they take turns, as load comes and goes."""
    sides = (base, head)
    images = np.array(images)  # read from the disk before it is timed
    seconds = np.empty((_SPEED_ROUNDS, 2))
    for times in seconds:
        for side, network in enumerate(sides):
            start = time.perf_counter()
            network.predict(images)
            times[side] = time.perf_counter() - start
    of_base = len(images) / float(np.median(seconds[:, 0]))
    return of_base, of_base * float(np.median(seconds[:, 0] / seconds[:, 1]))


def _load(side: Snapshot, network: str) -> OnnxClassifier:
    params = load_params()
    content = read_out(side, f"train@{network}", paths.onnx_model(network).as_posix())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{network}.onnx"
        path.write_bytes(content)
        return OnnxClassifier(path, params.threads, params.deterministic)


def _as_committed(found: PredictionResults, base: Snapshot, network: str) -> Results:
    """Return results as evaluate would have written them; the metrics remain those that base has, of its own images."""
    losses = [int(f"{loss:.5f}".replace(".", "")) for loss in found.loss]
    return Results("test", read_metrics(base, network), found.actual, found.predicted, np.array(losses, np.int64))
