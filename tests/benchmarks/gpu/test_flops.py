from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from benchmarks.gpu.flops import Work, work_of
from segrun.models import find_model


def saved(
    path: Path, nodes: list[Any], weights: Mapping[str, tuple[int, ...]], shapes: tuple[list[Any], list[Any]]
) -> Path:
    constants = [
        numpy_helper.from_array(np.zeros(shape, np.float32), name) for name, shape in weights.items()
    ]
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shapes[0])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shapes[1])],
        constants,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), str(path))
    return path


def test_convolutions_by_hand(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["half"], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["half"], ["positive"]),
        helper.make_node("ConvTranspose", ["positive", "v"], ["y"], strides=[2, 2]),
    ]
    weights = {"w": (5, 3, 3, 3), "v": (5, 4, 2, 2)}
    path = saved(tmp_path / "m.onnx", nodes, weights, (["n", 3, 8, 8], ["n", 4, 8, 8]))
    # Conv: 16 places x 5 channels x 27; ConvTranspose: 16 places x 5 channels x 4 x 4. Twice each: multiply and add.
    assert work_of(path) == Work(
        flops=2 * (16 * 5 * 27 + 16 * 5 * 16),
        activations=(3 * 64 + 5 * 16) + (5 * 16 + 4 * 64),
        weights=5 * 27 + 5 * 16,
    )


def test_groups_products_and_gemm_by_hand(tmp_path: Path) -> None:
    depthwise = helper.make_node("Conv", ["x", "w"], ["y"], group=4)
    path = saved(tmp_path / "d.onnx", [depthwise], {"w": (4, 1, 3, 3)}, (["n", 4, 6, 6], ["n", 4, 4, 4]))
    assert work_of(path).flops == 2 * 16 * 4 * 9
    product = helper.make_node("MatMul", ["x", "w"], ["y"])
    path = saved(tmp_path / "p.onnx", [product], {"w": (7, 5)}, (["n", 3, 7], ["n", 3, 5]))
    assert work_of(path).flops == 2 * 3 * 7 * 5
    gemm = helper.make_node("Gemm", ["x", "w"], ["y"], transB=1)
    path = saved(tmp_path / "g.onnx", [gemm], {"w": (5, 7)}, (["n", 7], ["n", 5]))
    assert work_of(path).flops == 2 * 7 * 5


def test_weights_behind_dequantisation_count_as_others(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("QuantizeLinear", ["w", "scale", "zero"], ["stored"]),
        helper.make_node("DequantizeLinear", ["stored", "scale", "zero"], ["known"]),
        helper.make_node("Conv", ["x", "known"], ["y"]),
    ]
    constants = {"w": (2, 3, 1, 1), "scale": ()}
    path = saved(tmp_path / "q.onnx", nodes, constants, (["n", 3, 4, 4], ["n", 2, 4, 4]))
    model = onnx.load(str(path))
    model.graph.initializer.append(numpy_helper.from_array(np.array(0, np.int8), "zero"))
    onnx.save(model, str(path))
    assert work_of(path) == Work(flops=2 * 16 * 6, activations=(3 + 2) * 16, weights=6)


def test_a_shape_that_is_not_known_is_told(tmp_path: Path) -> None:
    node = helper.make_node("Conv", ["x", "w"], ["y"])
    path = saved(tmp_path / "m.onnx", [node], {"w": (1, 3, 1, 1)}, (["n", 3, "h", 4], ["n", 1, "h", 4]))
    with pytest.raises(ValueError, match="shape of x is not known"):
        work_of(path)


def test_the_bundled_model_has_as_much_as_its_parts() -> None:
    work = work_of(find_model("roofs"))
    assert 0.5e9 < work.flops < 50e9
    assert work.bytes_of("fp32", 2) == 4 * (2 * work.activations + work.weights)
    assert work.bytes_of("int8", 1) == work.activations + work.weights
