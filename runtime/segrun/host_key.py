"""Which machine this is, as far as speed goes, and where what was learnt about it is kept."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from pathlib import Path

from segrun.host import available_cpus

# A release of any of them may change which engine is the fastest, or whether it is there at all.
ENGINE_PACKAGES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-ep-openvino", "ai-edge-litert")


def cache_folder() -> Path:
    """Return segrun's folder under the user's cache folder."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData/Local")) / "segrun"
    if sys.platform == "darwin":
        return home / "Library/Caches/segrun"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "segrun"


def host_key() -> str:
    """Return a short hash of what decides speed here: processor, how many of them we may use, and the engines' releases."""
    facts = [platform.system(), platform.machine(), _processor(), str(available_cpus())]
    facts += [f"{name} {_version(name)}" for name in ENGINE_PACKAGES]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith("model name")), platform.processor())


def _version(distribution: str) -> str:
    import importlib.metadata

    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "absent"
