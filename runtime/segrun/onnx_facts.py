"""Facts of an ONNX file that no session tells: its operator sets."""

from __future__ import annotations

import mmap
from pathlib import Path

from segrun import wire
from segrun.errors import ModelError

_OPSET_IMPORT = 8
_DOMAIN, _VERSION = 1, 2


def operator_sets(path: Path) -> dict[str, int]:
    """Return the version of each operator set that a file imports; the default one has the name ``""``.

    Raises:
        ModelError: unreadable, truncated, or not an ONNX file.
    """
    try:
        with path.open("rb") as handle:
            mapped = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot read {path} ({error}). Name a readable .onnx file.") from error
    content = memoryview(mapped)
    found = {}
    for field in wire.fields(content, where=str(path)):
        if field.number == _OPSET_IMPORT and field.wire_type == wire.BYTES:
            domain, version = _operator_set(content[field.payload : field.end], str(path))
            found["" if domain == "ai.onnx" else domain] = version
    return found


def _operator_set(message: memoryview, where: str) -> tuple[str, int]:
    domain, version = "", 0
    for part in wire.fields(message, where=where):
        payload = bytes(message[part.payload : part.end])
        if part.number == _DOMAIN:
            domain = payload.decode(errors="replace")
        elif part.number == _VERSION:
            version = sum((byte & 0x7F) << (7 * index) for index, byte in enumerate(payload))
    return domain, version
