"""The files that one export can make, and the engines that each of them must and may run on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from segrun.card import Precision
from segrun.model_file import ModelFormat

FORMATS: tuple[ModelFormat, ...] = ("onnx", "tflite")
PRECISIONS: tuple[Precision, ...] = ("fp32", "fp16", "int8")
_REQUIRED: dict[ModelFormat, tuple[str, ...]] = {"onnx": ("cpu",), "tflite": ("litert",)}
_OPTIONAL: dict[ModelFormat, tuple[str, ...]] = {"onnx": ("openvino", "cuda"), "tflite": ()}


@dataclass(frozen=True, order=True)
class Variant:
    """One file to make.

    Args:
        format: of the file.
        precision: of its weights and activations.
        profile: ``deepness`` for a file that runs in Deepness, GeoDeep and WebODM instead of following the contract.
    """

    format: ModelFormat
    precision: Precision
    profile: Literal["contract", "deepness"] = "contract"

    @property
    def suffix(self) -> str:
        """What follows the model's name: ``.onnx``, ``.int8.tflite``."""
        if self.profile != "contract":
            return f".{self.profile}.{self.format}"
        return f".{self.format}" if self.precision == "fp32" else f".{self.precision}.{self.format}"

    @property
    def required(self) -> tuple[str, ...]:
        """Engines on which parity must hold."""
        return _REQUIRED[self.format]

    @property
    def optional(self) -> tuple[str, ...]:
        """Engines that are certified where they are present and parity holds."""
        return _OPTIONAL[self.format] if self.profile == "contract" else ()


DEEPNESS = Variant("onnx", "fp32", "deepness")
DEFAULT = (Variant("onnx", "fp32"),)
