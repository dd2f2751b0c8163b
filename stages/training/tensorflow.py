"""The one door to TensorFlow: its settings are made before its first use."""

from stages.config.environment import release

from stages.artifacts.errors import PipelineError, without_traceback

with without_traceback():  # it takes seconds, in which one may well press Ctrl-C: a worker process imports this first
    import keras
    import tensorflow as tf

__all__ = ["configure", "keras", "tf"]


def configure(threads: int, deterministic: bool) -> None:
    """Let so many operations run at a time, and make the bits of a result depend on the seed alone.

    Call before anything else; a process that has begun to compute takes no other number of threads.
    """
    tf.config.threading.set_intra_op_parallelism_threads(1)  # how an operation is divided would change its last bits
    try:
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError:
        raise PipelineError("a Dask worker began with another number of threads: start the workers again") from None
    if deterministic:
        tf.config.set_visible_devices([], "GPU")  # whose bytes are its own
        tf.config.experimental.enable_op_determinism()
        # It rewrites x / sqrt(y) to x * rsqrt(y), an approximation of which Intel and AMD each have their own.
        tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})
    else:
        release()
