"""The machine's single-precision peak on `threads` of params.yaml: TensorFlow's product of two 4096 x 4096 matrices.

The yardstick of `python -m benchmarks.peers`. TensorFlow's, with oneDNN: NumPy's reached a tenth
less where both were tried.
"""

from stages.config.environment import release

import time

import numpy as np

from benchmarks.peers.recipes.with_keras import use_threads
from stages.artifacts.errors import run
from stages.config.params import load_params
from stages.training.tensorflow import tf

SIZE = 4096
REPEATS = 8


def main() -> None:
    release()  # every instruction that the CPU has
    use_threads(load_params().threads)
    print(f"{sgemm_rate(SIZE, REPEATS):.4g}")  # floating-point operations a second


def sgemm_rate(size: int, repeats: int) -> float:
    """Return the floating-point operations a second of the fastest of `repeats` products."""
    matrix = tf.constant(np.random.default_rng(0).random((size, size), np.float32))
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        tf.linalg.matmul(matrix, matrix).numpy()
        seconds.append(time.perf_counter() - started)
    return 2 * size**3 / min(seconds)


if __name__ == "__main__":
    run(main)
