"""The profile ``deepness``, for Deepness, GeoDeep and WebODM: NCHW floats in [0, 1], and the largest channel wins."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.card import ModelCard
from segrun.errors import ModelError
from segrun.model_file import with_metadata
from segrun_export.onnx_conversion import BATCH, INPUT, OUTPUT

_INPUT, _OUTPUT = "input", "output"


def deepness_onnx(content: bytes, card: ModelCard) -> bytes:
    """Turn a file of the contract into one that runs unchanged in Deepness, GeoDeep and WebODM.

    Those programs know one threshold and take the largest channel, background included, so that a class scored between
    0.3 and 0.5 would never be seen. The threshold of a one-class model is therefore moved into the graph: its logits
    are shifted until it lies at 0.5.

    Args:
        content: a float32 file made by ``onnx_from_keras``.
        card: of the model.
    Returns:
        The bytes of an ONNX file with Deepness's metadata keys and without a card: input float32 [n, b, tile, tile] in
        [0, 1], output float32 [n, k, tile, tile], channel 0 the background.
    Raises:
        ModelError: no ground sampling distance, or several classes of different thresholds.
    Source: https://qgis-plugin-deepness.readthedocs.io/en/latest/creators/creators_description_classes.html
    """
    import onnx

    metadata = _metadata(card)
    model = onnx.load_from_string(content)
    graph = model.graph
    if card.activation == "sigmoid":
        _shift_threshold(graph, card.thresholds[0])
    _float_input(graph, card)
    _channels_first_output(graph, card)
    del graph.value_info[:]
    onnx.checker.check_model(model, full_check=True)
    return with_metadata(bytes(model.SerializeToString()), metadata)


def deepness_reference(scores: npt.NDArray[np.float32], card: ModelCard) -> npt.NDArray[np.float32]:
    """Return what the profile's file must give for Keras's scores, in NHWC.

    Args:
        scores: float32 [n, h, w, k], Keras.
        card: of the model.
    """
    if card.activation == "softmax":
        return scores
    threshold = _inside(card.thresholds[0])
    wide = scores.astype(np.float64)
    shifted = wide * (1 - threshold) / (wide * (1 - threshold) + (1 - wide) * threshold)
    return np.concatenate([1 - shifted, shifted], axis=-1).astype(np.float32)


def deepness_thresholds(card: ModelCard) -> tuple[float, ...]:
    """Return the thresholds of the profile's channels, background first."""
    return (0.0, 0.5) if card.activation == "sigmoid" else card.thresholds


def _metadata(card: ModelCard) -> dict[str, str]:
    if card.gsd_cm is None:
        raise ModelError(
            "Deepness needs the ground sampling distance and the model's is unknown. Give it with --gsd-cm."
        )
    thresholds = set(deepness_thresholds(card)[1:])
    if len(thresholds) != 1:
        raise ModelError(
            f"Deepness knows one threshold for all classes. Received: {sorted(thresholds)}. Give one with --threshold."
        )
    names = [item.name for item in card.classes]
    if card.activation == "sigmoid":
        names = ["background", *names]
    return {
        "model_type": json.dumps("Segmentor"),
        "class_names": json.dumps({str(index): name for index, name in enumerate(names)}),
        "resolution": f"{card.gsd_cm:g}",
        "tiles_size": str(card.tile),
        "tiles_overlap": f"{100 * card.overlap_px / card.tile:g}",
        "seg_thresh": f"{thresholds.pop():g}",
        # Their clean-up of small segments would change the mask; whoever wants it can turn it on there.
        "seg_small_segment": "0",
        "notices": "\n".join(card.notices),
        "parent_sha256": card.parent_sha256,
    }


def _inside(threshold: float) -> float:
    """Keep a threshold away from 0 and 1, where no finite shift of the logits could put it at 0.5."""
    return min(max(threshold, 1e-4), 1 - 1e-4)


def _shift_threshold(graph: Any, threshold: float) -> None:
    import onnx

    at = _inside(threshold)
    position, node = next(
        (index, item) for index, item in reversed(list(enumerate(graph.node))) if item.op_type == "Sigmoid"
    )
    graph.initializer.append(
        onnx.numpy_helper.from_array(np.float32(-math.log(at / (1 - at))), "threshold_shift")
    )
    shifted = onnx.helper.make_node(
        "Add", [node.input[0], "threshold_shift"], ["shifted_logits"], name="shifted_logits"
    )
    node.input[0] = "shifted_logits"
    graph.node.insert(position, shifted)


def _float_input(graph: Any, card: ModelCard) -> None:
    import onnx

    helper = onnx.helper
    position, cast = next(
        (index, node)
        for index, node in enumerate(graph.node)
        if INPUT in node.input and node.op_type == "Cast"
    )
    graph.initializer.append(onnx.numpy_helper.from_array(np.float32(255), "pixel_scale"))
    scaled = helper.make_node("Mul", [_INPUT, "pixel_scale"], ["stored_pixels"], name="stored_pixels")
    turned = helper.make_node(
        "Transpose", ["stored_pixels"], [cast.output[0]], name="channels_last", perm=[0, 2, 3, 1]
    )
    graph.node.remove(cast)
    graph.node.insert(position, turned)
    graph.node.insert(position, scaled)
    shape = [BATCH, len(card.bands), card.tile, card.tile]
    graph.input[0].CopyFrom(helper.make_tensor_value_info(_INPUT, onnx.TensorProto.FLOAT, shape))


def _channels_first_output(graph: Any, card: ModelCard) -> None:
    import onnx

    helper = onnx.helper
    single = card.activation == "sigmoid"
    first = "foreground" if single else _OUTPUT
    graph.node.append(
        helper.make_node("Transpose", [OUTPUT], [first], name="channels_first", perm=[0, 3, 1, 2])
    )
    if single:
        graph.initializer.append(onnx.numpy_helper.from_array(np.float32(1), "one"))
        graph.node.append(helper.make_node("Sub", ["one", first], ["background"], name="background"))
        graph.node.append(helper.make_node("Concat", ["background", first], [_OUTPUT], name=_OUTPUT, axis=1))
    channels = 2 if single else len(card.classes)
    shape = [BATCH, channels, card.tile, card.tile]
    graph.output[0].CopyFrom(helper.make_tensor_value_info(_OUTPUT, onnx.TensorProto.FLOAT, shape))
