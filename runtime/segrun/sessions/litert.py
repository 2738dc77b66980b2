"""TFLite files on LiteRT."""

from __future__ import annotations

import queue
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
from segrun.sessions.sharing import shares

ONNX_TYPE: dict[Any, str] = {
    np.uint8: "tensor(uint8)",
    np.float32: "tensor(float)",
    np.float16: "tensor(float16)",
}


class LiteRtSession:
    """A ``Session`` on LiteRT's interpreter with its XNNPACK kernels: one for each caller, as none runs two calls at once.

    Args:
        file: the model.
        options: engine (``auto`` or ``litert``), threads, batch, hints and callers.
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
        self.reason: str = options.why or "a TFLite file runs on LiteRT"
        self.threads: int = options.threads or available_cpus()
        # First in, first out: after as many calls as there are interpreters, each holds all the memory it will need.
        self._idle: queue.SimpleQueue[Any] | None = queue.SimpleQueue()
        try:
            for threads in shares(self.threads, options.callers):
                interpreter: Any = Interpreter(model_path=str(file.path), num_threads=threads)
                self.batch: int = _allocate(interpreter, options.batch)
                self._idle.put(interpreter)
        except (ValueError, RuntimeError, IndexError) as error:
            cause = str(error).strip().splitlines()[0][:300]
            raise ModelError(f"{file.path} cannot be loaded by LiteRT ({cause}). Export it again.") from error
        inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
        card = file.card()
        specs = [_spec(item) for item in inputs], [_spec(item) for item in outputs]
        self._face = face_of(
            *specs, card=card, metadata=file.metadata, hints=options.hints, where=str(file.path)
        )
        self.card: ModelCard = card or card_of_foreign(self._face, file.metadata, file.path.stem)
        self._input, self._output = inputs[0]["index"], outputs[0]["index"]

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Score one batch; see ``Session.run``."""
        idle = self._idle
        if idle is None:
            raise EngineError("the session is closed. Open it again.")
        interpreter = idle.get()
        try:
            interpreter.set_tensor(self._input, self._face.feed(pixels))
            interpreter.invoke()
            output = interpreter.get_tensor(self._output)
        except (ValueError, RuntimeError) as error:
            cause = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
            raise EngineError(f"engine litert failed while running ({cause}). Use the ONNX file.") from error
        finally:
            idle.put(interpreter)
        return self._face.scores(output)

    def close(self) -> None:
        """Free the engine."""
        self._idle = None


def _allocate(interpreter: Any, batch: int) -> int:
    """Give an interpreter its one static shape, and return the batch of it."""
    source = interpreter.get_input_details()[0]
    # A file of fixed batch stays as it is: its transposed convolutions hold their output's size as a constant.
    fixed = int(source["shape_signature"][0])
    batch = fixed if fixed > 0 else batch
    shape = (batch, *(int(side) for side in source["shape"][1:]))
    interpreter.resize_tensor_input(source["index"], shape)
    interpreter.allocate_tensors()
    return batch


def _spec(item: dict[str, Any]) -> TensorSpec:
    if item["dtype"] not in ONNX_TYPE:
        return TensorSpec(item["name"], str(item["dtype"]), tuple(int(side) for side in item["shape"]))
    return TensorSpec(
        item["name"], ONNX_TYPE[item["dtype"]], (None, *(int(side) for side in item["shape"][1:]))
    )
