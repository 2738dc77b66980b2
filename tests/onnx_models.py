"""Small ONNX models with known answers, made without training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from segrun.card import CARD_KEY, ModelCard, ModelClass
from segrun.model_file import content_sha256, with_metadata


def card(tile: int, classes: int = 1, **changes: Any) -> ModelCard:
    """Return the card of a test model: one class ``roof``, or a softmax with a background."""
    names = ["roof"] if classes == 1 else ["background", *(f"class {i}" for i in range(1, classes))]
    values: dict[str, Any] = {
        "name": "test",
        "tile": tile,
        "classes": tuple(ModelClass(name) for name in names),
        "activation": "sigmoid" if classes == 1 else "softmax",
        "overlap_px": tile // 8,
    }
    return ModelCard(**{**values, **changes})


def identity_graph(
    tile: int, *, classes: int = 1, batch: int | str = "n", dtype: int = TensorProto.UINT8
) -> bytes:
    """Return a model whose scores are the first ``classes`` bands divided by 255."""
    nodes = [
        helper.make_node("Cast", ["image"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["values", "full"], ["scaled"]),
        helper.make_node("Slice", ["scaled", "first", "after", "axis"], ["score"]),
    ]
    constants = [
        numpy_helper.from_array(np.array(255.0, np.float32), "full"),
        numpy_helper.from_array(np.array([0], np.int64), "first"),
        numpy_helper.from_array(np.array([classes], np.int64), "after"),
        numpy_helper.from_array(np.array([3], np.int64), "axis"),
    ]
    return _model(nodes, constants, [batch, tile, tile, 3], [batch, tile, tile, classes], dtype)


def nan_graph(tile: int) -> bytes:
    """Return a model whose scores are 0 / 0 where the first band is 0, and 1 elsewhere."""
    nodes = [
        helper.make_node("Cast", ["image"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("Slice", ["values", "first", "after", "axis"], ["band"]),
        helper.make_node("Div", ["band", "band"], ["score"]),
    ]
    constants = [
        numpy_helper.from_array(np.array([0], np.int64), "first"),
        numpy_helper.from_array(np.array([1], np.int64), "after"),
        numpy_helper.from_array(np.array([3], np.int64), "axis"),
    ]
    return _model(nodes, constants, ["n", tile, tile, 3], ["n", tile, tile, 1], TensorProto.UINT8)


def _model(nodes: list[Any], constants: list[Any], source: list[Any], target: list[Any], dtype: int) -> bytes:
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("image", dtype, source)],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, target)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def write_model(path: Path, content: bytes, model_card: ModelCard) -> Path:
    """Write a model with its card, bound to it by its content hash."""
    import dataclasses

    bound = dataclasses.replace(model_card, content_sha256=content_sha256(content))
    path.write_bytes(with_metadata(content, {CARD_KEY: bound.to_json()}))
    return path
