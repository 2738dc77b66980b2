"""onnxruntime as on a machine with an NVIDIA GPU, for machines without one: its CUDA sessions are the CPU provider's."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import onnxruntime
import pytest

OUT_OF_MEMORY = (
    "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while running Conv node. "
    "bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) "
    "Failed to allocate memory for requested buffer of size 939524096"
)


class GpuStandIn:
    """Stands in for the onnxruntime module and remembers what it is asked for.

    Args:
        most_tiles: what fits into the GPU's memory in one call; None for any number.
        substitute: whether sessions silently run on the CPU provider, as onnxruntime's own do.
        broken: what making a CUDA session fails with; empty where it works.
    """

    def __init__(self, *, most_tiles: int | None = None, substitute: bool = False, broken: str = "") -> None:
        self.most_tiles = most_tiles
        self.substitute = substitute
        self.broken = broken
        self.providers: list[Any] = []
        self.words: list[dict[str, Any]] = []
        self.buffers: list[tuple[tuple[int, ...], str]] = []
        self.preloaded = 0
        # How many sessions held memory when each one was made.
        self.alive_before: list[int] = []
        self._alive: weakref.WeakSet[_Session] = weakref.WeakSet()
        self.OrtValue = _Values(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(onnxruntime, name)

    def get_available_providers(self) -> list[str]:
        return ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]

    def get_device(self) -> str:
        return "GPU"

    def preload_dlls(self) -> None:
        self.preloaded += 1
        print("Failed to load libcufft.so.11")  # noqa: T201 - as onnxruntime's own does

    def InferenceSession(self, path: str, *, sess_options: Any, providers: list[Any], **words: Any) -> Any:  # noqa: N802
        self.alive_before.append(len(self._alive))
        self.providers.append(providers)
        self.words.append(words)
        asked = [item if isinstance(item, str) else item[0] for item in providers]
        if self.broken and asked[0] != "CPUExecutionProvider":
            raise RuntimeError(self.broken)
        real = onnxruntime.InferenceSession(
            path, sess_options=sess_options, providers=["CPUExecutionProvider"]
        )
        session = _Session(self, real, ["CPUExecutionProvider"] if self.substitute else asked)
        self._alive.add(session)
        return session

    def install(self, patch: pytest.MonkeyPatch) -> GpuStandIn:
        """Put it where sessions look for onnxruntime."""
        for module in ("providers", "onnx", "opening"):
            patch.setattr(f"segrun.sessions.{module}.import_onnxruntime", lambda: self)
        patch.setattr("segrun.sessions.providers.NVIDIA_DEVICES", ("/dev/null",))
        return self


class _Session:
    def __init__(self, machine: GpuStandIn, real: Any, providers: list[str]) -> None:
        self._machine, self._real, self._providers = machine, real, providers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def get_providers(self) -> list[str]:
        return self._providers

    def run_with_iobinding(self, binding: Any) -> None:
        batch = self._real.get_inputs()[0].shape[0]
        if self._machine.most_tiles is not None and batch > self._machine.most_tiles:
            raise RuntimeError(OUT_OF_MEMORY)
        self._real.run_with_iobinding(binding)

    def run(self, *asked: Any) -> Any:
        if self._providers[0] != "CPUExecutionProvider":
            raise AssertionError("a GPU session runs through its buffers")
        return self._real.run(*asked)


class _Values:
    def __init__(self, machine: GpuStandIn) -> None:
        self._machine = machine

    def ortvalue_from_shape_and_type(self, shape: Any, kind: Any, device: str, _index: int) -> Any:
        self._machine.buffers.append((tuple(shape), device))
        value = onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape, kind, "cpu", 0)
        read = value.numpy
        # What comes from a GPU is a copy.
        value.numpy = lambda: np.array(read())
        return value
