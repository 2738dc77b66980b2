"""Calls of an onnxruntime session through buffers that are made once, on the engine's own device."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segrun.face import DTYPES, Face


class BoundCall:
    """One session's input and output buffers, written and read in place at every call.

    Nothing is allocated between calls: a GPU keeps its memory, and a captured CUDA graph the addresses that it needs.
    Threads take turns, since the buffers are one pair.

    Args:
        ort: the onnxruntime module.
        session: an ``InferenceSession`` of one static shape.
        face: how the model is fed.
        batch: tiles in every call.
        output_type: ONNX type name of the output, a key of ``segrun.face.DTYPES``.
        device: where the buffers lie, as onnxruntime names it: ``cuda`` or ``cpu``.
    """

    def __init__(
        self, ort: Any, session: Any, face: Face, *, batch: int, output_type: str, device: str
    ) -> None:
        make = ort.OrtValue.ortvalue_from_shape_and_type
        source = _shape(batch, face.tile, face.bands, face.layout)
        target = _shape(batch, face.tile, face.classes, face.output_layout)
        self._turn = threading.Lock()
        self._session = session
        self._input = make(source, face.dtype, device, 0)
        self._output = make(target, DTYPES[output_type], device, 0)
        self._binding = session.io_binding()
        self._binding.bind_ortvalue_input(face.input_name, self._input)
        self._binding.bind_ortvalue_output(face.output_name, self._output)
        # What comes from another device is a copy already; on the CPU it would be the buffer itself.
        self._must_copy = device == "cpu"

    def __call__(self, values: NDArray[Any]) -> NDArray[Any]:
        """Run the model's own input, as ``Face.feed`` makes it, and return its own output in an array of its own."""
        with self._turn:
            self._input.update_inplace(values)
            self._binding.synchronize_inputs()
            self._session.run_with_iobinding(self._binding)
            self._binding.synchronize_outputs()
            found: NDArray[Any] = self._output.numpy()
            return np.array(found) if self._must_copy else found


def _shape(batch: int, tile: int, channels: int, layout: str) -> tuple[int, int, int, int]:
    return (batch, channels, tile, tile) if layout == "nchw" else (batch, tile, tile, channels)
