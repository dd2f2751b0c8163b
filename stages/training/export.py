"""Model files that are the same bytes whenever the model is the same: `.keras` and `.onnx`.

Both formats record the clock, memory addresses or generated names; these are replaced, and nothing else.
"""

import re
import tempfile
import warnings
import zipfile
from pathlib import Path

import numpy as np
import onnx

from stages.artifacts.files import atomic_write
from stages.artifacts.images import SIDE
from stages.inference.classifier import PARAMETERS
from stages.training.tensorflow import keras

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip file can hold


def save_keras(model: keras.Model, path: Path) -> None:
    """Save as Keras does, less the clock (metadata, zip entries) and memory addresses (`shared_object_id`)."""
    with tempfile.TemporaryDirectory() as scratch:
        saved = Path(scratch) / "model.keras"
        model.save(saved)
        with atomic_write(path) as partial, zipfile.ZipFile(saved) as source, zipfile.ZipFile(partial, "w") as target:
            for name in sorted(source.namelist()):
                content = source.read(name)
                if name.endswith(".json"):
                    content = _without_accidents(content.decode()).encode()
                target.writestr(zipfile.ZipInfo(name, _EPOCH), content)


def save_onnx(model: keras.Model, path: Path) -> None:
    """Export for onnxruntime: input `images` (n, 28, 28) float32, output `probabilities` (n, classes) float32."""
    with tempfile.TemporaryDirectory() as scratch:
        exported = Path(scratch) / "model.onnx"
        model(np.zeros((1, SIDE, SIDE), np.float32))  # Keras exports only a model that was called
        with warnings.catch_warnings():  # of NumPy, at what Keras' exporter looks for
            warnings.simplefilter("ignore", FutureWarning)
            model.export(exported, format="onnx", verbose=False)
        onnx_model = _with_plain_names(onnx.load(exported))
    onnx_model.metadata_props.add(key=PARAMETERS, value=str(model.count_params()))
    with atomic_write(path) as partial:
        onnx.save(onnx_model, partial)


def _without_accidents(config: str) -> str:
    """Replace the date of saving, and number the shared objects in the order in which they appear."""
    numbers: dict[str, int] = {}
    config = re.sub(r'("date_saved": )"[^"]*"', r'\1"1980-01-01@00:00:00"', config)
    return re.sub(
        r'("shared_object_id": )(\d+)',
        lambda match: f"{match[1]}{numbers.setdefault(match[2], len(numbers))}",
        config,
    )


def _with_plain_names(model: onnx.ModelProto) -> onnx.ModelProto:
    """Number the tensors and nodes from input to output, in place of the exporter's order and generated names."""
    graph = model.graph
    nodes = _in_order(graph)
    del graph.node[:]
    graph.node.extend(nodes)
    names = {"": "", graph.input[0].name: "images", graph.output[0].name: "probabilities"}
    for node in graph.node:
        for name in (*node.input, *node.output):
            names.setdefault(name, f"tensor{len(names)}")
    for i, node in enumerate(graph.node):
        node.name = f"{node.op_type}{i}"
        node.input[:] = [names[name] for name in node.input]
        node.output[:] = [names[name] for name in node.output]
    for value in (*graph.input, *graph.output, *graph.initializer):
        value.name = names[value.name]
    for value in (*graph.input, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "n"
    initializers = sorted(graph.initializer, key=lambda tensor: int(tensor.name.removeprefix("tensor")))
    del graph.initializer[:], graph.value_info[:]
    graph.initializer.extend(initializers)
    graph.name, graph.doc_string = "digits", ""
    onnx.checker.check_model(model, full_check=True)
    return model


def _in_order(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Return the nodes, each after those that it takes its inputs from, in the order of these inputs.

    The exporter's own order, where nodes do not depend on each other, is that of a Python set: another in each process.
    """
    makers = {name: node for node in graph.node for name in node.output}
    ordered: dict[str, onnx.NodeProto] = {}  # by the first output

    def visit(name: str) -> None:
        node = makers.get(name)
        if node is None or node.output[0] in ordered:
            return
        for needed in node.input:
            visit(needed)
        ordered[node.output[0]] = node

    visit(graph.output[0].name)
    return list(ordered.values())
