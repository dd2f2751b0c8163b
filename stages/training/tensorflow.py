"""The one door to TensorFlow: its settings are made before its first use."""

from stages.config.environment import release

from stages.artifacts.errors import PipelineError, without_traceback

with without_traceback():  # it takes seconds, in which users press Ctrl-C; a worker process imports this first
    import keras
    import tensorflow as tf
    from keras import layers

__all__ = ["configure", "keras", "layers", "tf"]


def configure(threads: int, deterministic: bool) -> None:
    """Set how many operations run at a time, and make the bits of a result depend on the seed alone.

    Call before anything else; a process that has begun to compute cannot change its number of threads.
    """
    tf.config.threading.set_intra_op_parallelism_threads(1)  # how an operation is divided would change its last bits
    try:
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError:
        raise PipelineError("a Dask worker began with another number of threads: start the workers again") from None
    if deterministic:
        tf.config.set_visible_devices([], "GPU")  # which gives other bytes
        tf.config.experimental.enable_op_determinism()
        # It rewrites x / sqrt(y) to x * rsqrt(y), an approximation that differs between Intel and AMD.
        tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})
    else:
        release()
