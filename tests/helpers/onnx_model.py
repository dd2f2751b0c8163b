"""A small valid ONNX model of digits, and variants of it that are not."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from stages.inference.classifier import PARAMETERS


def make_model(
    inputs: tuple = ("images", ["n", 28, 28]),
    outputs: tuple = ("probabilities", ["n", 10]),
    weight: float | np.ndarray = 0.01,
    parameters: str | None = "7840",
) -> bytes:
    """Return a network without a hidden layer, as an ONNX file."""
    weights = np.full((inputs[1][1] * inputs[1][2], outputs[1][1]), weight, np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", [inputs[0]], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
            helper.make_node("Softmax", ["logits"], [outputs[0]]),
        ],
        "digits",
        [helper.make_tensor_value_info(inputs[0], TensorProto.FLOAT, inputs[1])],
        [helper.make_tensor_value_info(outputs[0], TensorProto.FLOAT, outputs[1])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    if parameters is not None:
        model.metadata_props.add(key=PARAMETERS, value=parameters)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


WHOLE = make_model()
