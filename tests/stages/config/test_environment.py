import os
import platform
import subprocess
import sys

import numpy as np
import pytest

from stages.config import environment
from tests.helpers.workspace import ROOT

ENTRANCES = (
    "preprocess",
    "train",
    "evaluate",
    "submit",
    "training.ensemble",
    "training.tensorflow",
)  # stages, and what a worker imports
NUMERICAL = ("numpy", "scipy", "onnxruntime", "tensorflow", "keras")

x86_64 = pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the promise is of x86-64 alone")


@pytest.mark.slow
@pytest.mark.parametrize("module", ENTRANCES)
def test_the_environment_is_set_before_a_library_is_imported(module: str):
    program = f"import sys, stages.{module}; print(*sys.modules)"
    order = subprocess.run([sys.executable, "-c", program], cwd=ROOT, text=True, capture_output=True).stdout.split()
    imported = [order.index(library) for library in NUMERICAL if library in order]
    assert imported and order.index("stages.config.environment") < min(imported)


@x86_64
def test_a_users_settings_are_overridden_and_released(monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX512_CORE")
    environment.limit()
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "1"
    assert os.environ["ONEDNN_MAX_CPU_ISA"] == "AVX2"
    environment.release()
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "1" and "ONEDNN_MAX_CPU_ISA" not in os.environ
    environment.limit()


def test_another_architecture_is_left_alone(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    monkeypatch.delenv("NPY_DISABLE_CPU_FEATURES", raising=False)
    environment.limit()
    assert "NPY_DISABLE_CPU_FEATURES" not in os.environ


@x86_64
def test_all_of_numpys_instructions_above_avx2_are_named():
    """Another NumPy may have others, or call them otherwise: an unknown name would be ignored."""
    dispatched = set(np._core._multiarray_umath.__cpu_dispatch__)
    assert set(environment._ARITHMETIC["NPY_DISABLE_CPU_FEATURES"].split()) == dispatched - {"X86_V3"}


@x86_64
def test_avx2_is_known_as_numpy_knows_it():
    assert environment.has_avx2() == np._core._multiarray_umath.__cpu_features__["AVX2"]
    without = {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"}
    program = "from stages.config import environment; environment.os.environ.update({}); print(environment.has_avx2())"
    finished = subprocess.run([sys.executable, "-c", program.format(without)], cwd=ROOT, text=True, capture_output=True)
    assert finished.stdout.strip() == "False"
