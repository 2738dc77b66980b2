"""A slowdown planted on purpose, to show that the gate catches it."""

from __future__ import annotations

from pathlib import Path

# Where a slowdown can be planted: the file and the method that is slowed.
PLACES = {
    "stitch": ("runtime/segrun/stitch.py", "Stitcher.add"),
    "session": ("runtime/segrun/sessions/onnx.py", "OnnxSession.run"),
}

_PATCH = """

def _planted(work):  # type: ignore[no-untyped-def]
    import time

    def slowed(*given, **named):  # type: ignore[no-untyped-def]
        started = time.thread_time()
        result = work(*given, **named)
        end = started + {factor!r} * (time.thread_time() - started)
        while time.thread_time() < end:
            pass
        return result

    return slowed


{method} = _planted({method})  # type: ignore[method-assign]
"""


def plant(tree: Path, place: str, share: float = 0.15) -> None:
    """Make one method of a copy of the sources burn a share of its own processor time again, at every call.

    Args:
        tree: root of the copy.
        place: a key of ``PLACES``.
        share: 0.15 burns 15 % more.
    """
    name, method = PLACES[place]
    path = tree / name
    path.write_text(path.read_text(encoding="utf-8") + _PATCH.format(factor=1 + share, method=method))
