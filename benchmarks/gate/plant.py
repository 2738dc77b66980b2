"""A slowdown planted on purpose, to show that the gate catches it.

It burns processor time in a loop of a fixed length at every call. The length is measured beforehand, on this machine and
under its load: reading a clock at each call would cost more than what is to be planted.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gate.duel import Side, Worker
from benchmarks.gate.inputs import TILES
from benchmarks.gate.workloads import LOOP, LOOPS

ROUNDS = 60


@dataclass(frozen=True)
class Place:
    """Where a slowdown can be planted.

    Args:
        path: of the file, in a tree.
        method: that is slowed.
        calls: of it in one round of the workload of the same name.
    """

    path: str
    method: str
    calls: int


PLACES = {
    "stitch": Place("runtime/segrun/stitch.py", "Stitcher.add", TILES),
    "session": Place("runtime/segrun/sessions/onnx.py", "OnnxSession.run", 1),
}

_PATCH = """

def _planted(work):  # type: ignore[no-untyped-def]
    def slowed(*given, **named):  # type: ignore[no-untyped-def]
        for _ in range({loops}):
            pass
        return work(*given, **named)

    return slowed


{method} = _planted({method})  # type: ignore[method-assign]
"""


def loops_for(tree: Path, inputs: Path, place: str, share: float) -> int:
    """Measure how long a loop at every call takes a share of the method's own processor time.

    Args:
        tree: root of sources without a slowdown.
        inputs: folder of the drawn inputs.
        place: a key of ``PLACES``.
        share: 0.15 for 15 %.
    """
    worker = Worker(Side("measured", tree), inputs)
    try:
        rounds = [(worker.seconds(place), worker.seconds(LOOP)) for _ in range(ROUNDS)]
    finally:
        worker.close()
    own, loop = (statistics.median(values) for values in zip(*rounds, strict=True))
    return int(share * own / PLACES[place].calls * LOOPS / loop)


def plant(tree: Path, place: str, loops: int) -> None:
    """Make one method of a copy of the sources loop at every call.

    Args:
        tree: root of the copy.
        place: a key of ``PLACES``.
        loops: how often, see ``loops_for``.
    """
    where = PLACES[place]
    path = tree / where.path
    patch = _PATCH.format(loops=loops, method=where.method)
    path.write_text(path.read_text(encoding="utf-8") + patch, encoding="utf-8")
