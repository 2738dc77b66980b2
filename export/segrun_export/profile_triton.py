"""The profile ``triton``: a model repository for NVIDIA's Triton Inference Server."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from segrun.card import ModelCard
from segrun_export.onnx_conversion import INPUT, OUTPUT

MOST_BATCH = 8


def triton_config(card: ModelCard) -> str:
    """Return the text of ``config.pbtxt``; the batch dimension is Triton's own.

    Source: https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html
    """
    size = f"{card.tile}, {card.tile}"
    return f"""name: "{card.name}"
platform: "onnxruntime_onnx"
max_batch_size: {MOST_BATCH}
input [ {{ name: "{INPUT}" data_type: TYPE_UINT8 dims: [ {size}, {len(card.bands)} ] }} ]
output [ {{ name: "{OUTPUT}" data_type: TYPE_FP32 dims: [ {size}, {len(card.classes)} ] }} ]
dynamic_batching {{ }}
"""


def write_triton(model: Path, card: ModelCard, repository: Path) -> Path:
    """Put a proven file into a model repository, whole or not at all.

    Args:
        model: an ONNX file of the contract.
        card: of it.
        repository: the folder that Triton serves; a model of the same name in it is replaced.
    Returns:
        The model's folder in the repository.
    """
    repository.mkdir(parents=True, exist_ok=True)
    target = repository / card.name
    with tempfile.TemporaryDirectory(dir=repository, prefix=".export-") as folder:
        made = Path(folder) / "new"
        (made / "1").mkdir(parents=True)
        (made / "config.pbtxt").write_text(triton_config(card), encoding="utf-8")
        shutil.copyfile(model, made / "1" / "model.onnx")
        if target.exists():
            target.rename(Path(folder) / "old")
        made.rename(target)
    return target
