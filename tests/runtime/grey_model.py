"""A contract-shaped ONNX model of four nodes for tests that need no network: score = sigmoid(gain * (mean - 0.5))."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from segrun.card import CARD_KEY, GOLDEN_KEY, ModelCard, ModelClass
from segrun.golden import GoldenTiles
from segrun.model_file import content_sha256, with_metadata

TILE = 64


def grey_onnx(
    gain: float = 20.0, *, kind: int = onnx.TensorProto.UINT8, sigmoid: bool = True, opset: int = 17
) -> bytes:
    """Return the bytes of the model, without metadata."""
    helper = onnx.helper
    last = "logits" if sigmoid else "score"
    nodes = [
        helper.make_node("Cast", ["image"], ["float"], to=onnx.TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float"], ["grey"], axes=[3]),
        helper.make_node("Mul", ["grey", "scale"], ["small"]),
        helper.make_node("Add", ["small", "shift"], [last]),
    ]
    if sigmoid:
        nodes.append(helper.make_node("Sigmoid", ["logits"], ["score"]))
    one = 255.0 if kind == onnx.TensorProto.UINT8 else 1.0
    graph = helper.make_graph(
        nodes,
        "grey",
        [helper.make_tensor_value_info("image", kind, ["n", TILE, TILE, 3])],
        [helper.make_tensor_value_info("score", onnx.TensorProto.FLOAT, ["n", TILE, TILE, 1])],
        [
            onnx.numpy_helper.from_array(np.full(1, gain / one, np.float32), "scale"),
            onnx.numpy_helper.from_array(np.full(1, -gain / 2, np.float32), "shift"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return bytes(model.SerializeToString())


def exported(path: Path, content: bytes, *, like: bytes | None = None, **changes: Any) -> Path:
    """Write ``content`` with a card and golden tiles whose scores come from ``like``, or from itself.

    Args:
        path: of the file to write.
        content: what stands in the file.
        like: stands in for Keras.
        changes: of the card.
    """
    pixels = np.random.default_rng(0).integers(0, 256, (2, TILE, TILE, 3)).astype(np.uint8)
    session = onnxruntime.InferenceSession(like or content, providers=["CPUExecutionProvider"])
    golden = GoldenTiles.of(pixels, session.run(None, {"image": pixels})[0])
    text = golden.encode()
    card = ModelCard(
        name="grey", tile=TILE, classes=(ModelClass("bright"),), content_sha256=content_sha256(content),
        parity={"golden_sha256": hashlib.sha256(text.encode()).hexdigest(), "keras_thresholds": [0.5]},
    )  # fmt: skip
    card = dataclasses.replace(card, **changes)
    path.write_bytes(with_metadata(content, {CARD_KEY: card.to_json(), GOLDEN_KEY: text}))
    return path
