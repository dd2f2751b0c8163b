"""The IDX format of MNIST's files."""

import math

import numpy as np

from stages.artifacts.errors import PipelineError

MAGIC = b"\0\0\x08"  # two zero bytes, and 8 for unsigned bytes


def read_idx(content: bytes) -> np.ndarray:
    """Parse an IDX file of unsigned bytes: (n, 784) uint8 for images, (n,) uint8 for labels.

    Format: MAGIC, the number of dimensions, each as a big-endian int32, then the data. Raises PipelineError.
    """
    dimensions = content[3] if len(content) > 3 else 0
    start = 4 + 4 * dimensions
    if not content.startswith(MAGIC) or not dimensions or len(content) < start:
        raise PipelineError("not an IDX file of unsigned bytes")
    shape = np.frombuffer(content, ">u4", count=dimensions, offset=4).tolist()
    if len(content) != start + math.prod(shape):
        raise PipelineError(f"expected {start + math.prod(shape):,} bytes, found {len(content):,}: download it again")
    values = np.frombuffer(content, np.uint8, offset=start)
    return values.reshape(shape[0], math.prod(shape[1:])) if dimensions > 1 else values
