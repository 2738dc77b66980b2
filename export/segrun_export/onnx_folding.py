"""Computing the constant parts of an ONNX graph once, at export."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
_CONVOLUTIONS = ("Conv", "ConvTranspose")
# What tf2onnx puts behind a name to make it unique: ``__102``, and TensorFlow's output number ``:0``.
_STEM = re.compile(r"(__\d+)*(:\d+)?$")


class ConstantGraph:
    """The nodes and constants of a graph under work.

    Args:
        nodes: ONNX nodes in topological order.
        constants: value of each constant tensor by name.
        outputs: names of the graph's outputs, which must survive.
        opset: version of the default operator set.
    """

    def __init__(self, nodes: list[Any], constants: dict[str, Array], outputs: list[str], opset: int) -> None:
        self.nodes = nodes
        self.constants = constants
        self.outputs = outputs
        self.opset = opset

    def fold(self) -> None:
        """Fold constants, then scale-and-shift pairs into their convolution, until nothing changes."""
        self._fold_constants()
        while self._fold_one_affine():
            pass
        self._drop_unused()

    def rename(self) -> None:
        """Take the converter's running numbers out of the names, so that equal models give equal files."""
        names = {name: name for name in ("", *self.outputs)}  # an empty name stands for an output not wanted
        taken = Counter(("image", *self.outputs))
        for node in self.nodes:
            node.name = _fresh(_STEM.sub("", node.output[0]), taken)
            for index, output in enumerate(node.output):
                names.setdefault(output, f"{node.name}:{index}" if index else node.name)
        for node in self.nodes:
            for index, name in enumerate(node.input):
                if name in self.constants and name not in names:
                    names[name] = _fresh(f"{node.name}/{index}", taken)
        for node in self.nodes:
            node.input[:] = [names.get(name, name) for name in node.input]
            node.output[:] = [names[name] for name in node.output]
        self.constants = {names[name]: value for name, value in self.constants.items()}

    def _fold_constants(self) -> None:
        kept = []
        for node in self.nodes:
            names = [name for name in node.input if name]
            if names and all(name in self.constants for name in names) and not _has_subgraph(node):
                values = _evaluated(node, {name: self.constants[name] for name in names}, self.opset)
                self.constants.update(zip(node.output, values, strict=True))
            else:
                kept.append(node)
        self.nodes = kept

    def _fold_one_affine(self) -> bool:
        uses = Counter(name for node in self.nodes for name in node.input)
        uses.update(self.outputs)
        producers = {name: node for node in self.nodes for name in node.output}
        for node in self.nodes:
            if node.op_type not in ("Mul", "Add"):
                continue
            for data, other in (tuple(node.input), tuple(reversed(node.input))):
                conv = producers.get(data)
                if conv is None or conv.op_type not in _CONVOLUTIONS or uses[data] != 1:
                    continue
                if self._absorb(conv, node, other):
                    return True
        return False

    def _absorb(self, conv: Any, node: Any, other: str) -> bool:
        """Move ``conv * other`` or ``conv + other`` into the weights; False where that is not possible."""
        names = list(conv.input[1:])
        if other not in self.constants or any(name not in self.constants for name in names):
            return False
        weight = self.constants[names[0]]
        channels_last = conv.op_type == "ConvTranspose"
        grouped = any(attribute.name == "group" and attribute.i != 1 for attribute in conv.attribute)
        if channels_last and grouped:
            return False
        channels = weight.shape[1] if channels_last else weight.shape[0]
        vector = _per_channel(self.constants[other], channels)
        if vector is None:
            return False
        bias = self.constants[names[1]].astype(np.float64) if len(names) > 1 else np.zeros(channels)
        if node.op_type == "Mul":
            shape = (1, -1, 1, 1) if channels_last else (-1, 1, 1, 1)
            weight = (weight.astype(np.float64) * vector.reshape(shape)).astype(weight.dtype)
            bias = bias * vector
        else:
            bias = bias + vector
        # New names: the old constants may serve other nodes too.
        stem = node.output[0]
        weight_name, bias_name = f"{stem}__weight", f"{stem}__bias"
        self.constants[weight_name] = weight
        self.constants[bias_name] = bias.astype(weight.dtype)
        del conv.input[1:]
        conv.input.extend([weight_name, bias_name])
        del conv.output[:]
        conv.output.append(stem)
        self.nodes.remove(node)
        return True

    def _drop_unused(self) -> None:
        needed = set(self.outputs)
        kept = []
        for node in reversed(self.nodes):
            if needed.intersection(node.output):
                needed.update(node.input)
                kept.append(node)
        self.nodes = kept[::-1]
        self.constants = {name: value for name, value in self.constants.items() if name in needed}


def _per_channel(value: Array, channels: int) -> Array | None:
    if value.size == 1:
        return np.full(channels, value.reshape(-1)[0], np.float64)
    shape = (1,) * (4 - value.ndim) + value.shape if value.ndim <= 4 else value.shape
    if shape == (1, channels, 1, 1):
        return value.reshape(-1).astype(np.float64)
    return None


def _has_subgraph(node: Any) -> bool:
    return any(attribute.HasField("g") for attribute in node.attribute)


def _evaluated(node: Any, inputs: dict[str, Array], opset: int) -> list[Array]:
    import onnx
    from onnx.reference import ReferenceEvaluator

    helper = onnx.helper
    graph = helper.make_graph(
        [node],
        "one",
        [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
            for name, value in inputs.items()
        ],
        [helper.make_empty_tensor_value_info(name) for name in node.output],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    results = ReferenceEvaluator(model).run(None, inputs)
    return [np.ascontiguousarray(result) for result in results]


def _fresh(stem: str, taken: Counter[str]) -> str:
    taken[stem] += 1
    return stem if taken[stem] == 1 else f"{stem}#{taken[stem]}"
