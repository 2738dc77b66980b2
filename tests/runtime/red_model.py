"""A TFLite model whose score is the red of each pixel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from segrun.model_file import ModelFile


def red_tflite(folder: Path, batch: int = 2) -> ModelFile:
    """Write the model for tiles of 64 pixels to ``red.tflite``; skips where what makes or runs it is missing."""
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    tf = pytest.importorskip("tensorflow", reason="tensorflow, which makes the test's file, is not installed")

    class Red(tf.Module):  # type: ignore[name-defined,misc]  # tensorflow has no types
        @tf.function(input_signature=[tf.TensorSpec([batch, 64, 64, 3], tf.uint8, "image")])  # type: ignore[untyped-decorator]
        def __call__(self, image: Any) -> Any:
            return tf.cast(image, tf.float32)[..., :1] / 255.0

    red = Red()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([red.__call__.get_concrete_function()], red)
    target = folder / "red.tflite"
    target.write_bytes(converter.convert())
    return ModelFile.read(target)
