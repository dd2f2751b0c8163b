"""What TensorFlow runs in the end, once it has rewritten a graph: in separate processes, as settings come first."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.workspace import ROOT

pytestmark = pytest.mark.slow

# Prints the types of all operations that a program in `body` ran, after TensorFlow's optimizers have rewritten them.
TRACE = """
import tempfile
import numpy as np
from pathlib import Path
from stages.training import fit, networks, optimizer, tensorflow
from stages.training.tensorflow import keras, tf
from stages.config.params import OptimizerName, load_params
from stages.artifacts.arrays import Digits
from tensorflow.python.eager import context
from typing import get_args

tensorflow.configure(2, deterministic={deterministic})
context.enable_graph_collection()
params = load_params()
{body}
for functions in context.context().export_run_metadata().function_graphs:
    graph = functions.post_optimization_graph
    for node in [*graph.node, *(node for function in graph.library.function for node in function.node_def)]:
        print(node.op)
"""
NETWORK = """
model = params.model({name!r}).changed(epochs=1, batch_size=16)
digits = Digits(np.random.RandomState(0).rand(32, 28, 28).astype(np.float32), np.arange(32).astype(np.uint8) % 10)
fit.fit_network({name!r}, model, digits, digits, 1, {name!r})
"""
TAUGHT = """
model = params.models.mlp.changed(epochs=3, batch_size=16)
digits = Digits(np.random.RandomState(0).rand(32, 28, 28).astype(np.float32), np.arange(32).astype(np.uint8) % 10)
with tempfile.TemporaryDirectory() as folder:
    networks.inference_model([networks.build("cnn", params.models.cnn, 1)] * 2, 1.0, 1).save(f"{folder}/teacher.keras")
    teacher = Path(f"{folder}/teacher.keras").read_bytes()
fit.fit_network("mlp", model, digits, digits, 1, "mlp", teacher)
"""
OPTIMIZERS = """
for name in get_args(OptimizerName):
    model = params.models.mlp.changed(optimizer=name)
    made = optimizer.make_optimizer(model, optimizer.make_schedule(model, 10))
    weights = keras.Variable(np.ones((4, 4), np.float32))
    made.build([weights])
    tf.function(lambda: made.apply([tf.ones((4, 4))], [weights]))()
"""


def operations(body: str, deterministic: bool = True) -> set[str]:
    return set(run(TRACE.format(body=body, deterministic=deterministic)).splitlines())


def run(program: str, folder: Path = ROOT) -> str:
    finished = subprocess.run([sys.executable, "-c", program], cwd=folder, text=True, capture_output=True)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_no_operation_runs_whose_result_the_vendor_chooses(name: str):
    found = operations(NETWORK.format(name=name))
    assert "Sqrt" in found
    assert not found & {"Rsqrt", "Reciprocal", "Inv"}


def test_nor_where_a_network_is_taught():
    found = operations(TAUGHT)
    assert {"Sqrt", "LogSoftmax"} < found
    assert any("Conv2D" in name for name in found)  # of which only the teacher has some
    assert not found & {"Rsqrt", "Reciprocal", "Inv"}


def test_nor_with_any_optimizer():
    """Two of them divide 1 by a scalar, which TensorFlow makes a Reciprocal: of a scalar that one is exact."""
    found = operations(OPTIMIZERS)
    assert "Sqrt" in found and "Rsqrt" not in found


def test_tensorflow_would_rewrite_a_division_by_a_root():
    assert "Rsqrt" in operations("tf.function(lambda x: x / tf.sqrt(x))(tf.ones(9))", deterministic=False)


SETTINGS = """
import os
from stages.training import tensorflow
hidden = []
tensorflow.tf.config.set_visible_devices = lambda devices, kind: hidden.append((devices, kind))
tensorflow.configure(1, {deterministic})
print(os.environ.get("ONEDNN_MAX_CPU_ISA"), hidden)
"""


@pytest.mark.parametrize(("deterministic", "expected"), [(True, "AVX2 [([], 'GPU')]"), (False, "None []")])
def test_instructions_are_held_and_a_gpu_is_left_alone_for_the_same_bytes(deterministic: bool, expected: str):
    assert run(SETTINGS.format(deterministic=deterministic)).strip() == expected
