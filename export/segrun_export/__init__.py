"""Keras models into ONNX and TFLite files that are proven to compute the same.

    from segrun_export import export
    report = export(Path("RUN/model.keras"), find_pairs([images], [masks]), Path("dist"))

The names below are imported on first use, so that the command line's start stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segrun_export.conversion import Quantisation
    from segrun_export.export_report import Artefact, ExportReport
    from segrun_export.exporter import export
    from segrun_export.facts import Facts
    from segrun_export.onnx_conversion import onnx_from_keras
    from segrun_export.parity import ParityReport
    from segrun_export.tflite_conversion import tflite_from_keras
    from segrun_export.variants import Variant

__all__ = [
    "Artefact",
    "ExportReport",
    "Facts",
    "ParityReport",
    "Quantisation",
    "Variant",
    "export",
    "onnx_from_keras",
    "tflite_from_keras",
]

_HOMES = {
    "Artefact": "export_report",
    "ExportReport": "export_report",
    "Facts": "facts",
    "ParityReport": "parity",
    "Quantisation": "conversion",
    "Variant": "variants",
    "export": "exporter",
    "onnx_from_keras": "onnx_conversion",
    "tflite_from_keras": "tflite_conversion",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'segrun_export' has no attribute {name!r}")
    return getattr(importlib.import_module(f"segrun_export.{_HOMES[name]}"), name)
