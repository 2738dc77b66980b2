"""A load that keeps the other processors busy while the gate measures."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence

# Arithmetic and memory traffic by turns: a neighbour that fights for the shared cache too.
_BURN = """
import os, sys
if hasattr(os, "sched_setaffinity"): os.sched_setaffinity(0, {int(sys.argv[1])})
there = bytearray(32 << 20)
while os.getppid() == int(sys.argv[2]):
    sum(range(200_000))
    there = bytearray(there)
"""


def processors() -> list[int]:
    """Return the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


@contextlib.contextmanager
def busy(on: Sequence[int]) -> Iterator[None]:
    """Keep processors busy, one process each, while the block runs."""
    command = [sys.executable, "-c", _BURN]
    burning = [subprocess.Popen([*command, str(number), str(os.getpid())]) for number in on]
    try:
        yield
    finally:
        for process in burning:
            process.kill()
            process.wait()


@contextlib.contextmanager
def pinned() -> Iterator[None]:
    """Keep this process and those that it starts on one processor, the last, where the system can."""
    allowed = processors()
    if not hasattr(os, "sched_setaffinity") or len(allowed) == 1:
        yield
        return
    os.sched_setaffinity(0, allowed[-1:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
