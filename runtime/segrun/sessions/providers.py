"""onnxruntime's providers: which are here, which to take, and with which options."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from segrun.errors import EngineError, MissingExtraError
from segrun.sessions import NAMED_ENGINES, ONNX_ENGINES, Compute

log: logging.Logger = logging.getLogger("segrun")
PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
    "migraphx": "MIGraphXExecutionProvider",
    "xnnpack": "XnnpackExecutionProvider",
}
NVIDIA = ("cuda", "tensorrt")
# Desktop, Jetson, and Windows' Linux: what stands there where an NVIDIA driver runs.
NVIDIA_DEVICES = ("/dev/nvidiactl", "/dev/nvhost-gpu", "/dev/nvgpu", "/dev/dxg")
EXTRA_OF = {"openvino": "openvino", "cuda": "gpu", "tensorrt": "gpu"}


def import_onnxruntime() -> Any:
    """Import onnxruntime.

    Raises:
        MissingExtraError: none is installed.
        EngineError: ``onnxruntime`` and ``onnxruntime-gpu`` are both installed and overwrite each other's files.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError("running an ONNX model", "cpu") from error
    if _may_clash(onnxruntime) and _installed("onnxruntime") and _installed("onnxruntime-gpu"):
        raise EngineError(
            "onnxruntime and onnxruntime-gpu are both installed and overwrite each other's files. "
            "Run: pip uninstall -y onnxruntime onnxruntime-gpu; then pip install 'segrun[cpu]' or 'segrun[gpu]'."
        )
    return onnxruntime


def choose(ort: Any, engine: str) -> tuple[str, str]:
    """Resolve the engine's name and say why.

    ``auto`` takes CUDA where onnxruntime was built with it and finds a device, else the CPU provider. The OpenVINO plugin is
    never taken unasked: it may compute something else for the same file, which ``segrun verify`` can tell.

    Raises:
        EngineError: the named engine is not here.
        MissingExtraError: its package is not installed.
    """
    available = ort.get_available_providers()
    if engine == "auto":
        if PROVIDERS["cuda"] in available and _has_cuda_device(ort):
            return "cuda", "auto: onnxruntime has CUDA and a device answers"
        return "cpu", "auto: the CPU provider runs everywhere"
    if engine == "litert":
        raise EngineError("engine litert runs .tflite files. Received: an ONNX file. Use --engine cpu.")
    if engine == "openvino":
        openvino_devices(ort)
    elif PROVIDERS[engine] not in available:
        if engine in EXTRA_OF:
            raise MissingExtraError(f"engine {engine}", EXTRA_OF[engine])
        raise EngineError(
            f"engine {engine} is not in this build of onnxruntime. Received: {', '.join(available)}. "
            "Install a build that has it, or use --engine cpu."
        )
    return engine, "as asked for"


def engines_to_try() -> tuple[str, ...]:
    """List the engines for ONNX files that are worth trying unasked: the usual ones, and others that are built in here."""
    try:
        available = import_onnxruntime().get_available_providers()
    except (EngineError, MissingExtraError):
        available = []
    return (*ONNX_ENGINES, *(name for name in NAMED_ENGINES if PROVIDERS[name] in available))


def preload_gpu_libraries(ort: Any) -> tuple[str, ...]:
    """Load CUDA, cuDNN and TensorRT from their wheels, so that no search path need be set; needed before a first session.

    Returns:
        the libraries that cannot be loaded, which onnxruntime would print.
    Source: https://onnxruntime.ai/docs/install/#cuda-and-cudnn (preload_dlls, from onnxruntime 1.21).
    """
    with contextlib.suppress(ImportError):
        importlib.import_module("tensorrt_libs")
    preload = getattr(ort, "preload_dlls", None)
    if preload is None:
        return ()
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            preload()
    except (OSError, RuntimeError) as error:
        said.write(str(error))
    lines = said.getvalue().splitlines()
    for line in lines:
        log.info("onnxruntime: %s", line)
    return tuple(line.split(": ")[0].split()[-1] for line in lines if line.startswith("Failed to load "))


def openvino_devices(ort: Any) -> list[Any]:
    """Return the plugin's devices, registering the plugin on first use.

    Raises:
        MissingExtraError: the plugin is not installed.
        EngineError: it offers no device on this machine.
    """
    try:
        import onnxruntime_ep_openvino as plugin
    except ImportError as error:
        raise MissingExtraError("engine openvino", "openvino") from error
    name = PROVIDERS["openvino"]
    if not any(device.ep_name == name for device in ort.get_ep_devices()):
        try:
            ort.register_execution_provider_library(name, plugin.get_library_path())
        except Exception as error:
            # A second registration in one process is refused; that is as good as the first.
            if "already registered" not in str(error):
                raise EngineError(
                    f"the OpenVINO plugin cannot be loaded ({error}). Use --engine cpu."
                ) from error
    devices = [
        d
        for d in ort.get_ep_devices()
        if d.ep_name == name and d.device.type == ort.OrtHardwareDeviceType.CPU
    ]
    if not devices:
        raise EngineError(
            "engine openvino finds no device on this machine: its onnxruntime plugin serves Intel hardware alone. "
            "Use --engine cpu, or litert with a .tflite file."
        )
    return devices


OPENVINO_HINTS: dict[Compute, str] = {"file": "f32", "bf16": "bf16", "fp16": "f16"}


@contextlib.contextmanager
def with_openvino(ort: Any, settings: Any, threads: int, compute: Compute = "file") -> Iterator[None]:
    """Put the plugin's CPU device first, in the precision of the file: without the hint it would run fp32 in bfloat16.

    The plugin reads its configuration from a file while the session is made, so the file lives as long as the context.
    """
    config = {
        "CPU": {"INFERENCE_PRECISION_HINT": OPENVINO_HINTS[compute], "INFERENCE_NUM_THREADS": str(threads)}
    }
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "openvino.json"
        path.write_text(json.dumps(config))
        settings.add_provider_for_devices([openvino_devices(ort)[0]], {"load_config": str(path)})
        yield


def _has_cuda_device(ort: Any) -> bool:
    if ort.get_device() != "GPU":
        return False
    return sys.platform == "win32" or any(Path(name).exists() for name in NVIDIA_DEVICES)


def _may_clash(ort: Any) -> bool:
    """Look for the GPU build beside what was imported: asking for the lists of packages makes every start slower."""
    home = getattr(ort, "__file__", None)
    return home is None or any(Path(home).parents[1].glob("onnxruntime_gpu-*"))


def _installed(distribution: str) -> bool:
    import importlib.metadata

    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
