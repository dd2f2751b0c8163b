"""Environment variables that the numerical libraries read when they are first imported: so import this module first.

NumPy, TensorFlow and onnxruntime each pick the fastest instructions that the CPU has, and other instructions round
differently. Importing this module limits them to what every x86-64 CPU with AVX2 computes alike, so that the bytes are
the same. Processes that are started later inherit it.
"""

import os
import platform

_X86 = ("x86_64", "AMD64")
_KERAS = {"KERAS_BACKEND": "tensorflow"}
_ARITHMETIC = {
    "TF_ENABLE_ONEDNN_OPTS": "1",  # without AVX-512 TensorFlow turns oneDNN off, and takes twice as long
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",  # all of NumPy's above X86_V3, which is AVX2
    "OPENBLAS_CORETYPE": "Nehalem",  # kernels of SSE4, as no stage multiplies large matrices in NumPy
}
_INSTRUCTIONS = {
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "ONEDNN_DEFAULT_FPMATH_MODE": "STRICT",  # no bfloat16 instead of float32
}


def limit() -> None:
    """Set the variables, whatever the user's shell has; those of x86-64 only on it."""
    os.environ.update(_KERAS)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no start-up chatter; errors still raise
    if platform.machine() in _X86:
        os.environ.update(_ARITHMETIC | _INSTRUCTIONS)


def release() -> None:
    """Let TensorFlow use every instruction that the CPU has, for `deterministic: false`. Call before it computes."""
    for name in _INSTRUCTIONS:
        os.environ.pop(name, None)


def has_avx2() -> bool:
    """Return whether this is an x86-64 CPU with AVX2 and FMA, as NumPy detects it."""
    import numpy as np  # after this module

    functions = np.lib.introspect.opt_func_info(func_name="^multiply$", signature="float32").values()
    return any("X86_V3" in kernel["current"] for kernels in functions for kernel in kernels.values())


limit()
