"""A Keras model as export meets it: loading, float32, and the face that the model contract asks for."""

from __future__ import annotations

import os
import re
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segrun.card import Activation
from segrun.errors import EngineError, MissingExtraError, ModelError


@dataclass(frozen=True)
class KerasFace:
    """The input and output of a model that follows the contract.

    Args:
        tile: side of the input, pixels.
        bands: channels of the input.
        classes: channels of the output.
        activation: what its last layer does.
    """

    tile: int
    bands: int
    classes: int
    activation: Activation


def import_keras() -> Any:
    """Import Keras on the tensorflow backend, the only one that the converters read.

    Raises:
        EngineError: Keras runs on another backend in this process.
        MissingExtraError: tensorflow or keras is not installed.
    """
    # TensorFlow's C++ side reads this once, while it is imported.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "tensorflow"
    try:
        import keras
        import tensorflow as tf  # noqa: F401 - absent, keras would still import
    except ImportError as error:
        raise MissingExtraError("exporting a Keras model", "export") from error
    if keras.backend.backend() != "tensorflow":
        raise EngineError(
            f"export runs on Keras's tensorflow backend. Received: KERAS_BACKEND={keras.backend.backend()}. "
            "Export in a process of its own; a model trained on any backend can be exported."
        )
    return keras


def load_keras(path: Path) -> Any:
    """Load a ``.keras`` file and bring it to float32, whatever precision it was trained in.

    Raises:
        ModelError: unreadable, not a Keras file, or with layers that stock Keras does not know.
    """
    if not path.is_file():
        raise ModelError(f"cannot find {path}. Name a .keras file.")
    if not zipfile.is_zipfile(path):
        raise ModelError(
            f"{path} is not a .keras file, or cut off. Name the model.keras that segrun train wrote."
        )
    keras = import_keras()
    try:
        model = keras.models.load_model(path, compile=False)
    except Exception as error:
        unknown = re.search(r"Could not locate class '([^']+)'", str(error))
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        if unknown:
            reason = f"it holds {unknown[1]}, which stock Keras does not know"
        raise ModelError(
            f"{path} cannot be loaded as a Keras model ({reason}). "
            "Name a whole .keras file, made of stock Keras layers."
        ) from error
    return in_float32(model)


def in_float32(model: Any) -> Any:
    """Return the same model computing in float32; one that already does comes back as it is.

    Raises:
        ModelError: the model cannot be rebuilt from its configuration.
    """
    policies = {layer.dtype_policy.compute_dtype for layer in _all_layers(model)}
    if not policies & {"float16", "bfloat16", "float64"}:
        return model
    try:
        rebuilt = type(model).from_config(_float32_config(model.get_config()))
        rebuilt.set_weights(model.get_weights())
    except (NotImplementedError, TypeError, ValueError) as error:
        raise ModelError(
            f"a model trained in {'/'.join(sorted(policies))} cannot be rebuilt in float32 ({error}). "
            "Build it from stock Keras layers."
        ) from error
    return rebuilt


def _all_layers(model: Any) -> list[Any]:
    flatten = getattr(model, "_flatten_layers", None)
    return list(flatten(include_self=False)) if flatten else list(model.layers)


def _float32_config(config: Any) -> Any:
    if isinstance(config, list | tuple):
        return type(config)(_float32_config(item) for item in config)
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "DTypePolicy":
        name = config["config"]["name"]
        reduced = name.startswith("mixed_") or name in ("float16", "bfloat16", "float64")
        return {**config, "config": {**config["config"], "name": "float32" if reduced else name}}
    return {key: _float32_config(value) for key, value in config.items()}


def face_of(model: Any) -> KerasFace:
    """Read a model's face and refuse what the contract does not allow.

    Raises:
        ModelError: several inputs or outputs, a dynamic or oblong size, an input that is not uint8, or
            an output that is no sigmoid (one class) or softmax (more classes).
    """
    inputs, outputs = _flat(model.inputs), _flat(model.outputs)
    if len(inputs) != 1 or len(outputs) != 1:
        raise ModelError(
            f"a deployed model has one input and one output. Received: {len(inputs)} inputs, {len(outputs)} outputs. "
            "Cut the model down with keras.Model(input, output) and save it again."
        )
    shape, result = tuple(inputs[0].shape), tuple(outputs[0].shape)
    if len(shape) != 4 or any(size is None for size in shape[1:]) or shape[1] != shape[2]:
        raise ModelError(
            f"a deployed model has a fixed square input [n, tile, tile, bands]. Received: {_text(shape)}. "
            "Build it with keras.Input((256, 256, 3), dtype='uint8') and load the weights into it."
        )
    tile, bands = int(shape[1]), int(shape[3])
    if len(result) != 4 or result[1:3] != (tile, tile) or result[3] is None:
        raise ModelError(
            f"a deployed model gives a score for every pixel. Received: input {_text(shape)}, output {_text(result)}. "
            "End the model at the size it starts with."
        )
    dtype = str(inputs[0].dtype)
    if dtype != "uint8":
        raise ModelError(
            f"a deployed model takes uint8 pixels and scales them inside. Received: {dtype} input. "
            "Put keras.Input(..., dtype='uint8') and keras.layers.Rescaling(1 / 255) in front and save it again."
        )
    return KerasFace(tile, bands, int(result[3]), _activation(outputs[0], int(result[3])))


def _activation(output: Any, classes: int) -> Activation:
    # Keras has no public way from a tensor to the layer that made it.
    layer = output._keras_history.operation
    while getattr(layer, "outputs", None) and hasattr(layer, "layers"):
        # A model inside the model: what counts is how that one ends.
        layer = _flat(layer.outputs)[0]._keras_history.operation
    function = getattr(layer, "activation", None)
    name = getattr(function, "__name__", type(layer).__name__).lower()
    wanted: Activation = "sigmoid" if classes == 1 else "softmax"
    if name != wanted:
        raise ModelError(
            f"a model of {classes} output channel{'s' if classes > 1 else ''} ends in {wanted}. "
            f"Received: {name} in the last layer {layer.name!r}. Add keras.layers.Activation('{wanted}')."
        )
    return wanted


def _flat(tensors: Any) -> list[Any]:
    if isinstance(tensors, dict):
        tensors = list(tensors.values())
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]


def _text(shape: tuple[int | None, ...]) -> str:
    return "[" + ", ".join("n" if size is None else str(size) for size in shape) + "]"
