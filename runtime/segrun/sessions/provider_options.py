"""How onnxruntime's providers are set: the file's own precision unless another is asked for, and nothing searched twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from segrun.errors import EngineError, OutputError
from segrun.host_key import cache_folder, host_key
from segrun.sessions import Compute, SessionOptions
from segrun.sessions.providers import PROVIDERS

# Engines with memory of their own, as onnxruntime names its device.
DEVICE_OF = {"cuda": "cuda", "tensorrt": "cuda"}
# Which engines can compute with fewer digits than the file, and how.
COMPUTES_OF: dict[str, tuple[Compute, ...]] = {
    "openvino": ("bf16", "fp16"),
    "cuda": ("tf32",),
    "tensorrt": ("tf32", "bf16", "fp16"),
    "coreml": ("fp16",),
}
# TensorRT takes TF32 unless this says 0, and onnxruntime has no option for it.
TF32_SWITCH = "NVIDIA_TF32_OVERRIDE"


def refuse_compute(engine: str, options: SessionOptions) -> None:
    """See that the engine can compute as asked, and does not compute otherwise unasked.

    Raises:
        EngineError: it cannot, or would.
    Source: https://github.com/microsoft/onnxruntime/issues/26029 (TensorRT and TF32).
    """
    able = COMPUTES_OF.get(engine, ())
    if options.compute != "file" and options.compute not in able:
        cure = f"Use {' or '.join(able)}, or leave it out." if able else "Leave it out."
        raise EngineError(f"engine {engine} cannot compute so. Received: --compute {options.compute}. {cure}")
    if options.cuda_graph and engine != "cuda":
        raise EngineError(
            f"only engine cuda records graphs. Received: --cuda-graph on {engine}. Leave it out."
        )
    if engine == "tensorrt" and options.compute == "file" and os.environ.get(TF32_SWITCH) != "0":
        raise EngineError(
            f"engine tensorrt would compute in TF32. Received: {TF32_SWITCH}={os.environ.get(TF32_SWITCH, '')}. "
            f"Set {TF32_SWITCH}=0, or allow it with --compute tf32."
        )


def with_options(engine: str, options: SessionOptions, content_sha256: str) -> list[Any]:
    """List the providers of a session, the engine's first, each with its options.

    What TensorRT cannot run goes to CUDA, and what neither can to the CPU provider; ``--explain`` counts them.

    Args:
        engine: a built-in one, not ``openvino``.
        options: what it was asked for.
        content_sha256: of the model, for what an engine keeps on disk.
    Raises:
        OutputError: the cache folder cannot be written.
    """
    found: list[Any] = [(PROVIDERS[engine], _options(engine, options, content_sha256))]
    if engine == "tensorrt":
        found.append((PROVIDERS["cuda"], _cuda(options)))
    if engine != "cpu":
        found.append(PROVIDERS["cpu"])
    return found


def _options(engine: str, options: SessionOptions, content_sha256: str) -> dict[str, str]:
    if engine == "cuda":
        return _cuda(options)
    if engine == "tensorrt":
        return _tensorrt(options, content_sha256)
    if engine == "coreml":
        return _coreml(options)
    return {"intra_op_num_threads": str(options.threads)} if engine == "xnnpack" and options.threads else {}


def _cuda(options: SessionOptions) -> dict[str, str]:
    """No TF32 unasked, no exhaustive search of algorithms, an arena that grows by what is needed.

    Source: https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html.
    """
    return {
        "cudnn_conv_algo_search": "HEURISTIC",
        "arena_extend_strategy": "kSameAsRequested",
        "use_tf32": "1" if options.compute == "tf32" else "0",
        "enable_cuda_graph": "1" if options.cuda_graph else "0",
    }


def _tensorrt(options: SessionOptions, content_sha256: str) -> dict[str, str]:
    """Built engines, which take minutes, are kept for this machine and this very model.

    Source: https://onnxruntime.ai/docs/execution-providers/TensorRT-ExecutionProvider.html.
    """
    folder = str(_engine_folder(content_sha256))
    return {
        "trt_engine_cache_enable": "1",
        "trt_engine_cache_path": folder,
        "trt_engine_cache_prefix": f"{options.compute}-{options.batch}",
        "trt_timing_cache_enable": "1",
        "trt_timing_cache_path": folder,
        "trt_fp16_enable": "1" if options.compute == "fp16" else "0",
        "trt_bf16_enable": "1" if options.compute == "bf16" else "0",
    }


def _engine_folder(content_sha256: str) -> Path:
    folder = cache_folder() / "tensorrt" / f"{host_key()}-{content_sha256[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot write {folder} ({error.strerror}). Set XDG_CACHE_HOME to a folder that can be written."
        ) from error
    return folder


def _coreml(options: SessionOptions) -> dict[str, str]:
    """The Neural Engine computes in fp16 alone, so it is left out unless fp16 is asked for.

    Source: https://onnxruntime.ai/docs/execution-providers/CoreML-ExecutionProvider.html.
    """
    return {
        "ModelFormat": "MLProgram",
        "MLComputeUnits": "ALL" if options.compute == "fp16" else "CPUAndGPU",
        "RequireStaticInputShapes": "1",
    }
