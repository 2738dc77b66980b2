"""A small network without training, in every format and precision that segrun exports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

TILE = 128
SEED = 7
CALIBRATION_TILES = 4


@dataclass(frozen=True)
class Networks:
    """The files, and what they were made from.

    Args:
        files: by ``onnx-fp32``, ``tflite-int8`` and so on.
        keras_model: the network itself.
        tiles: uint8 [4, 128, 128, 3], drawn; int8 was calibrated on them.
    """

    files: dict[str, Path]
    keras_model: Any
    tiles: npt.NDArray[np.uint8]


def make_networks(folder: Path) -> Networks:
    """Build ``unet-lite`` for tiles of 128 pixels with seeded weights, and convert it."""
    from segrun_export.calibration import histograms
    from segrun_export.keras_face import import_keras
    from segrun_export.onnx_conversion import onnx_from_keras
    from segrun_export.onnx_half import onnx_half
    from segrun_export.onnx_int8 import onnx_int8
    from segrun_export.silence import silenced
    from segrun_export.tflite_conversion import tflite_from_keras
    from segrun_export.tflite_int8 import TfliteQuantiser
    from segrun_train.synthetic import draw_scene

    tiles = np.stack([draw_scene(seed, TILE, TILE).pixels for seed in range(CALIBRATION_TILES)])
    with silenced():
        keras = import_keras()
        from segrun_train.networks import build

        keras.utils.set_random_seed(SEED)
        model = build("unet-lite", TILE, 3, 1)
        plain = onnx_from_keras(model)
        contents = {
            "onnx-fp32": plain,
            "onnx-fp16": onnx_half(plain),
            "onnx-int8": onnx_int8(plain, histograms(plain, tiles, threads=1), "minmax"),
            "tflite-fp32": tflite_from_keras(model, "fp32"),
            "tflite-fp16": tflite_from_keras(model, "fp16"),
            "tflite-int8": TfliteQuantiser(model, tiles, threads=1).quantised("minmax"),
        }
    files = {}
    for name, content in contents.items():
        files[name] = folder / f"{name}.{name.partition('-')[0]}"
        files[name].write_bytes(content)
    return Networks(files, model, tiles)
