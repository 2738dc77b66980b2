"""Run segmentation U-Nets on aerial pictures: masks for folders, GeoTIFFs and frames.

    import segrun

    with segrun.load("unet.onnx") as model:
        prediction = model.predict(frame)  # uint8 [h, w, 3] RGB, any size

The names below are imported on first use, so that ``import segrun`` and the command line's start stay light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segrun.boxes import Box
    from segrun.card import ModelCard, ModelClass
    from segrun.errors import (
        EngineError,
        InputError,
        MissingExtraError,
        ModelError,
        OutputError,
        ParityError,
        SegrunError,
    )
    from segrun.face import FaceHints
    from segrun.loading import load
    from segrun.model import Model
    from segrun.model_info import ModelInfo
    from segrun.prediction import Prediction, TileScores

__all__ = [
    "Box", "EngineError", "FaceHints", "InputError", "MissingExtraError", "Model", "ModelCard", "ModelClass", "ModelError",
    "ModelInfo", "OutputError", "ParityError", "Prediction", "SegrunError", "TileScores", "load",
]  # fmt: skip

_HOMES = {
    "load": "segrun.loading", "Model": "segrun.model", "ModelInfo": "segrun.model_info", "Box": "segrun.boxes",
    "Prediction": "segrun.prediction", "TileScores": "segrun.prediction", "FaceHints": "segrun.face",
    "ModelCard": "segrun.card", "ModelClass": "segrun.card",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name not in __all__:
        raise AttributeError(f"module 'segrun' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES.get(name, "segrun.errors")), name)
