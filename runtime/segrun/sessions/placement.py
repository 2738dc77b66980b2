"""Which of onnxruntime's providers runs which nodes: an engine may leave some of them to the CPU provider."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from segrun.errors import EngineError
from segrun.model_file import ModelFile
from segrun.sessions import SessionOptions


def node_placement(file: ModelFile, options: SessionOptions) -> dict[str, int]:
    """Count the nodes that each provider ran in one profiled batch, the busiest first.

    A provider that takes a whole part of the graph counts it as one node.

    Args:
        file: an ONNX model.
        options: engine, threads, batch and hints.
    Returns:
        provider names, as onnxruntime spells them, and numbers of nodes.
    Raises:
        EngineError: a TFLite file, whose engine does not tell; or the engine failed or is not here.
        ModelError: the file cannot be loaded.
        MissingExtraError: the package of the engine is not installed.
    """
    if file.format == "tflite":
        raise EngineError("LiteRT does not tell where nodes run. Received: --explain. Leave it out.")
    from segrun.sessions.onnx import OnnxSession

    with tempfile.TemporaryDirectory() as folder:
        session = OnnxSession(file, options, profile=Path(folder) / "profile")
        tile, bands = session.card.tile, len(session.card.bands)
        try:
            session.run(np.zeros((session.batch, tile, tile, bands), np.uint8))
            events = json.loads(session.end_profile().read_text(encoding="utf-8"))
        finally:
            session.close()
    nodes = {
        (event["args"]["provider"], event["name"])
        for event in events
        if event.get("cat") == "Node" and event.get("args", {}).get("provider")
    }
    return dict(Counter(provider for provider, _ in nodes).most_common())
