"""TFLite files on LiteRT."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segrun.card import ModelCard
from segrun.errors import EngineError, MissingExtraError, ModelError
from segrun.face import TensorSpec, face_of
from segrun.foreign_card import card_of_foreign
from segrun.host import available_cpus
from segrun.model_file import ModelFile
from segrun.sessions import SessionOptions

ONNX_TYPE: dict[Any, str] = {
    np.uint8: "tensor(uint8)",
    np.float32: "tensor(float)",
    np.float16: "tensor(float16)",
}


class LiteRtSession:
    """A ``Session`` on LiteRT's interpreter with its XNNPACK kernels.

    Args:
        file: the model.
        options: engine (``auto`` or ``litert``), threads, batch and hints.
    Raises:
        EngineError: another engine was asked for.
        ModelError: LiteRT cannot load the file, or its face is not usable.
        MissingExtraError: ai-edge-litert is not installed.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, file: ModelFile, options: SessionOptions) -> None:
        if options.engine not in ("auto", "litert"):
            raise EngineError(
                f"{file.path} is a TFLite file. Received: --engine {options.engine}. Use --engine litert."
            )
        if options.compute != "file" or options.cuda_graph:
            asked = f"--compute {options.compute}" if options.compute != "file" else "--cuda-graph"
            raise EngineError(f"engine litert computes as the file says. Received: {asked}. Leave it out.")
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise MissingExtraError("running a TFLite model", "litert") from error
        self.engine = "litert"
        self._turn = threading.Lock()
        self.reason: str = options.why or "a TFLite file runs on LiteRT"
        self.threads: int = options.threads or available_cpus()
        try:
            self._interpreter: Any = Interpreter(model_path=str(file.path), num_threads=self.threads)
            source = self._interpreter.get_input_details()[0]
            # A file of fixed batch stays as it is: its transposed convolutions hold their output's size as a constant.
            fixed = int(source["shape_signature"][0])
            self.batch: int = fixed if fixed > 0 else options.batch
            shape = (self.batch, *(int(side) for side in source["shape"][1:]))
            self._interpreter.resize_tensor_input(source["index"], shape)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError, IndexError) as error:
            cause = str(error).strip().splitlines()[0][:300]
            raise ModelError(f"{file.path} cannot be loaded by LiteRT ({cause}). Export it again.") from error
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        card = file.card()
        specs = [_spec(item) for item in inputs], [_spec(item) for item in outputs]
        self._face = face_of(
            *specs, card=card, metadata=file.metadata, hints=options.hints, where=str(file.path)
        )
        self.card: ModelCard = card or card_of_foreign(self._face, file.metadata, file.path.stem)
        self._input, self._output = inputs[0]["index"], outputs[0]["index"]

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Score one batch; see ``Session.run``."""
        if self._interpreter is None:
            raise EngineError("the session is closed. Open it again.")
        try:
            with self._turn:
                self._interpreter.set_tensor(self._input, self._face.feed(pixels))
                self._interpreter.invoke()
                output = self._interpreter.get_tensor(self._output)
        except (ValueError, RuntimeError) as error:
            cause = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
            raise EngineError(f"engine litert failed while running ({cause}). Use the ONNX file.") from error
        return self._face.scores(output)

    def close(self) -> None:
        """Free the engine."""
        self._interpreter = None


def _spec(item: dict[str, Any]) -> TensorSpec:
    if item["dtype"] not in ONNX_TYPE:
        return TensorSpec(item["name"], str(item["dtype"]), tuple(int(side) for side in item["shape"]))
    return TensorSpec(
        item["name"], ONNX_TYPE[item["dtype"]], (None, *(int(side) for side in item["shape"][1:]))
    )
