"""The models that come with segrun."""

from __future__ import annotations

from pathlib import Path

from segrun.errors import ModelError

FOLDER = Path(__file__).parent


def bundled() -> dict[str, Path]:
    """Return the bundled models by name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.onnx"))}


def find_model(name: str | Path) -> Path:
    """Return the file of a model given by path or by the name of a bundled one.

    Raises:
        ModelError: neither a file nor a bundled model.
    """
    path = Path(name)
    if path.is_file():
        return path
    known = bundled()
    if str(name) in known:
        return known[str(name)]
    raise ModelError(
        f"no model at {name}. Received: {name}. Name an .onnx or .tflite file, or one of: {', '.join(known)}."
    )
