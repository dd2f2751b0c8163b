"""The one door to TensorFlow: its environment is set before its first import, its settings before its first use."""

import os

from stages.errors import without_traceback

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no start-up chatter; errors still raise

with without_traceback():  # it takes seconds, in which one may well press Ctrl-C
    import keras
    import tensorflow as tf

__all__ = ["configure", "keras", "tf"]


def configure(threads: int, deterministic: bool) -> None:
    """Let so many operations run at a time, and make the bits of a result depend on the seed and the kind of CPU alone.

    Call before anything else; a process that has begun to compute takes no other number of threads.
    """
    tf.config.threading.set_intra_op_parallelism_threads(1)  # how an operation is divided would change its last bits
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    if deterministic:
        tf.config.experimental.enable_op_determinism()
