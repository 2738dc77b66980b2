"""What is installed here, which engines can run, and what stands in their way."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from segrun.errors import SegrunError
from segrun.host import available_cpus
from segrun.model_file import ModelFile
from segrun.models import find_model
from segrun.sessions import SessionOptions, open_session
from segrun.sessions.providers import NVIDIA, choose, engines_to_try, import_onnxruntime

DISTRIBUTIONS = (
    "segrun", "numpy", "opencv-python", "opencv-python-headless", "onnxruntime", "onnxruntime-gpu",
    "onnxruntime-ep-openvino", "ai-edge-litert", "rasterio", "tensorflow", "keras", "tf2onnx",
)  # fmt: skip


@dataclass(frozen=True)
class EngineState:
    """Whether an engine can run here.

    Args:
        name: of the engine.
        usable: whether it can.
        reason: why not, with the cure; what it runs on where it can.
    """

    name: str
    usable: bool
    reason: str


@dataclass(frozen=True)
class Diagnosis:
    """The findings; true when models can run.

    Args:
        python: version.
        system: operating system and processor.
        cpus: processors that this process may use.
        versions: of the distributions that matter, None where one is absent.
        engines: each with its state.
        problems: what is wrong, each with its cure.
    """

    python: str
    system: str
    cpus: int
    versions: dict[str, str | None]
    engines: tuple[EngineState, ...]
    problems: tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {**dataclasses.asdict(self), "healthy": bool(self)}

    def lines(self) -> Iterator[str]:
        """Yield the findings for a person."""
        yield f"python {self.python} on {self.system}, {self.cpus} processors"
        for name, version in self.versions.items():
            if version is not None:
                yield f"  {name} {version}"
        for engine in self.engines:
            yield f"engine {engine.name}: {'ready' if engine.usable else 'not here'} ({engine.reason})"
        for problem in self.problems:
            yield f"problem: {problem}"


def diagnose() -> Diagnosis:
    """Look at this environment."""
    versions = {name: _version(name) for name in DISTRIBUTIONS}
    engines = (*(_onnx_engine(name) for name in engines_to_try()), _litert())
    problems = []
    if versions["onnxruntime"] and versions["onnxruntime-gpu"]:
        problems.append(
            "onnxruntime and onnxruntime-gpu are both installed and overwrite each other's files. "
            "Run: pip uninstall -y onnxruntime onnxruntime-gpu; then pip install 'segrun[cpu]' or 'segrun[gpu]'."
        )
    if versions["opencv-python"] and versions["opencv-python-headless"]:
        problems.append(
            "opencv-python and opencv-python-headless are both installed and overwrite each other's files. "
            "Run: pip uninstall -y opencv-python opencv-python-headless; then pip install one of them."
        )
    if not any(engine.usable for engine in engines):
        problems.append("no engine can run. Run: pip install 'segrun[cpu]'.")
    return Diagnosis(
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()} ({_processor()})",
        cpus=available_cpus(),
        versions=versions,
        engines=engines,
        problems=tuple(problems),
    )


def _onnx_engine(name: str) -> EngineState:
    try:
        ort = import_onnxruntime()
        choose(ort, name)
        if name in NVIDIA:
            # Being built in says nothing: drivers and libraries are found out by loading a model.
            open_session(ModelFile.read(find_model("roofs")), SessionOptions(name)).close()
    except SegrunError as error:
        return EngineState(name, usable=False, reason=str(error))
    return EngineState(name, usable=True, reason=f"onnxruntime {ort.__version__}")


def _litert() -> EngineState:
    version = _version("ai-edge-litert")
    if version is None:
        return EngineState("litert", usable=False, reason="Run: pip install 'segrun[litert]'.")
    return EngineState("litert", usable=True, reason=f"ai-edge-litert {version}, for .tflite files")


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    """Return the processor's name and the instruction sets that decide how fast int8 runs."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as handle:  # noqa: PTH123 - a kernel file, no path arithmetic
            lines = [
                line.partition(":")[2].strip() for line in handle if line.startswith(("model name", "flags"))
            ]
    except OSError:
        return platform.processor() or sys.platform
    flags = set(lines[1].split()) if len(lines) > 1 else set()
    known = [flag for flag in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8") if flag in flags]
    return ", ".join([lines[0] if lines else "unknown", *known])
