"""Engines behind one protocol: pixels in, scores out, and the engine asked for is the engine that runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from segrun.card import ModelCard
from segrun.face import FaceHints
from segrun.model_file import ModelFile

# What ``doctor``, ``inspect``, ``verify`` and ``tune`` try unasked, and what runs by name alone.
ONNX_ENGINES = ("cpu", "openvino", "cuda", "tensorrt")
NAMED_ENGINES = ("coreml", "directml", "migraphx", "xnnpack")
SHARING_ENGINES = ("cpu", "litert")
GPU_ENGINES = ("cuda", "tensorrt")
MOST_THREADS = 512
MOST_TILES = 4096
ENGINES = ("auto", *ONNX_ENGINES, *NAMED_ENGINES, "litert")
Compute = Literal["file", "tf32", "bf16", "fp16"]
COMPUTES: tuple[Compute, ...] = get_args(Compute)


@dataclass(frozen=True)
class SessionOptions:
    """How to run a model.

    Args:
        engine: one of ``ENGINES``.
        threads: of the engine, None for every processor this process may use.
        batch: tiles in one call.
        spinning: whether idle engine threads may spin, where they leave a processor to others: faster for batch runs,
            unkind to the rest of a small machine.
        hints: what a foreign model does not say of itself.
        why: the reason for the engine, where it was chosen elsewhere; None where it is as asked for, or ``auto``.
        compute: ``file`` computes in the precision of the file; another one of ``COMPUTES`` lets the engine compute with
            fewer digits, which ``segrun verify --compute`` judges.
        callers: how many threads will call ``run`` at once; ``SHARING_ENGINES`` keep to ``threads`` together with them,
            since calls side by side wait for each other less than threads inside one call do. Others ignore it.
        cuda_graph: whether CUDA records the calls once and plays them back: for small networks, from one thread.
    """

    engine: str = "auto"
    threads: int | None = None
    batch: int = 1
    spinning: bool = False
    hints: FaceHints = field(default_factory=FaceHints)
    why: str | None = None
    compute: Compute = "file"
    cuda_graph: bool = False
    callers: int = 1

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise ValueError(f"engine must be one of {', '.join(ENGINES)}. Received: {self.engine!r}.")
        if self.threads is not None and not 1 <= self.threads <= MOST_THREADS:
            raise ValueError(f"threads must be 1 to {MOST_THREADS}. Received: {self.threads}.")
        if self.callers < 1:
            raise ValueError(f"callers must be at least 1. Received: {self.callers}.")
        if not 1 <= self.batch <= MOST_TILES:
            raise ValueError(f"batch must be 1 to {MOST_TILES}. Received: {self.batch}.")
        if self.compute not in COMPUTES:
            raise ValueError(f"compute must be one of {', '.join(COMPUTES)}. Received: {self.compute!r}.")


class Session(Protocol):
    """A model loaded on one engine, with one static input shape."""

    @property
    def engine(self) -> str:
        """Name of the engine that runs, checked after loading."""

    @property
    def reason(self) -> str:
        """Why this engine was taken."""

    @property
    def card(self) -> ModelCard:
        """The model's card; written from the file's own facts for a foreign model."""

    @property
    def batch(self) -> int:
        """Tiles in every call."""

    @property
    def threads(self) -> int:
        """Threads of the engine."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What went otherwise than asked while running, one line each; nothing as a rule."""

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Score one batch; threads may call side by side.

        Args:
            pixels: uint8 [batch, tile, tile, bands], C order.
        Returns:
            float32 [batch, tile, tile, k] in [0, 1]; the caller's own, to be written on as it likes.
        Raises:
            EngineError: the engine failed.
            ModelError: a foreign model gives no scores in [0, 1].
        """

    def close(self) -> None:
        """Free the engine; a closed session cannot run."""


def open_session(file: ModelFile, options: SessionOptions) -> Session:
    """Load a model on an engine.

    Raises:
        ModelError: the file is damaged, or does not say enough of itself.
        EngineError: the engine is not installed, has no device here, or another one ran in its place.
        MissingExtraError: the package of the engine is not installed.
    """
    if file.format == "tflite":
        from segrun.sessions.litert import LiteRtSession

        return LiteRtSession(file, options)
    from segrun.sessions.opening import open_onnx

    return open_onnx(file, options)


def engine_of(file: ModelFile, options: SessionOptions) -> str:
    """Return the engine that ``open_session`` will try first.

    Raises:
        EngineError: the named engine is not here.
        MissingExtraError: its package is not installed.
    """
    if file.format == "tflite":
        return "litert"
    from segrun.sessions.providers import choose, import_onnxruntime

    return choose(import_onnxruntime(), options.engine)[0]
