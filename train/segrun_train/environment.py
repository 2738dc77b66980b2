"""What a run ran on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from typing import Any

import keras


def environment(devices: int, seconds: float) -> dict[str, Any]:
    """Describe backend, versions, device and time, for the run record.

    Args:
        devices: how many shared a batch.
        seconds: spent training.
    """
    backend = keras.backend.backend()
    return {
        "backend": backend,
        "versions": {
            "python": platform.python_version(),
            **{name: _version(name) for name in ("keras", backend, "numpy", "segrun")},
        },
        "device": _device(backend),
        "devices": devices,
        "cpus": os.cpu_count(),
        "machine": platform.machine(),
        "seconds": round(seconds, 1),
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _device(backend: str) -> str:
    if backend == "jax":
        import jax

        return str(jax.devices()[0].device_kind)
    if backend == "tensorflow":
        import tensorflow as tf

        found = tf.config.list_physical_devices("GPU")
        return (
            str(tf.config.experimental.get_device_details(found[0]).get("device_name", "GPU"))
            if found
            else "CPU"
        )
    import torch

    return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else "CPU"
