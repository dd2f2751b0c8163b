"""The images that a side was evaluated on. Git does not hold them: only those of the workspace can be read."""

import hashlib

import numpy as np

from checks.gate.lock import recorded_out
from checks.gate.snapshot import LOCK, Snapshot
from stages.artifacts import arrays
from stages.artifacts.errors import PipelineError

_REMEDY = "run dvc repro, or dvc pull if the project has a remote"


def load_images(head: Snapshot, subset: arrays.Subset, n: int) -> np.ndarray:
    """Return the (n, 28, 28) float32 images that head was evaluated on.

    Raises PipelineError if the workspace does not have exactly these images.
    """
    path = arrays.images_path(subset)
    if not path.is_file():
        raise PipelineError(f"{path.as_posix()} is missing: {_REMEDY}")
    with path.open("rb") as stream:
        md5 = hashlib.file_digest(stream, "md5").hexdigest()
    if md5 != recorded_out(head, "preprocess", path.as_posix(), "md5"):
        raise PipelineError(f"{path.as_posix()} is not the file that {LOCK} of {head.name} names: {_REMEDY}")
    images = arrays.load_images(subset)
    if len(images) != n:
        raise PipelineError(f"{path.as_posix()} has {len(images):,} images, predictions.csv {n:,}: {_REMEDY}")
    return images
