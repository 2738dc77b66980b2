"""The same network for another size of tile, without training: a U-Net does not care how large its input is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from segrun.card import CARD_KEY
from segrun.errors import ModelError
from segrun.model_file import ModelFile, content_sha256, with_metadata


def with_tile(model: Path, tile: int, path: Path) -> Path:
    """Write a copy of a model whose tiles have another side; its card says so, and it has no golden tiles.

    Args:
        model: an ONNX file of the contract.
        tile: wanted side, pixels; a multiple of the network's smallest step.
        path: of the copy.
    Raises:
        ModelError: the file has no card.
    """
    import numpy as np
    import onnx

    card = ModelFile.read(model).card()
    if card is None:
        raise ModelError(f"{model} has no card. Name a file that segrun export wrote.")
    graph_model = onnx.load(str(model))
    graph = graph_model.graph
    del graph.value_info[:]
    del graph_model.metadata_props[:]
    for tensor in (graph.input[0], graph.output[0]):
        for axis in (1, 2):
            tensor.type.tensor_type.shape.dim[axis].dim_value = tile
    # The shapes that Reshape nodes give stand among the constants.
    shapes = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
    for constant in graph.initializer:
        if constant.name in shapes:
            sides = onnx.numpy_helper.to_array(constant)
            wanted = np.where(sides == card.tile, tile, sides).astype(sides.dtype)
            constant.CopyFrom(onnx.numpy_helper.from_array(wanted, constant.name))
    content = graph_model.SerializeToString()
    overlap = min(card.overlap_px, tile // 2)
    changed = dataclasses.replace(
        card, tile=tile, overlap_px=overlap, content_sha256=content_sha256(content), parity=None
    )
    path.write_bytes(with_metadata(content, {CARD_KEY: changed.to_json()}))
    return path
