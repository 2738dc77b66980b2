"""What a benchmark counts besides seconds: figures that are the same on every machine."""

from __future__ import annotations

import gc
import importlib.metadata
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

Count = int | list[str]
REPEATS = 3
KIB = 1024
# One store for a session of pytest: what was counted, and what was skipped and why.
COUNTED: pytest.StashKey[dict[str, dict[str, Any]]] = pytest.StashKey()
SKIPPED: pytest.StashKey[dict[str, str]] = pytest.StashKey()


def benchmark_name(item: pytest.Item) -> str:
    """Return a benchmark's stable name: its group and its test."""
    marker = item.get_closest_marker("benchmark")
    if marker is None or "group" not in marker.kwargs:
        raise ValueError(f"a benchmark needs a group. Received: {item.name}.")
    return f"{marker.kwargs['group']}/{item.name.removeprefix('test_')}"


@dataclass(frozen=True)
class Recorder:
    """Where a benchmark notes what it counted. What not every machine can count goes into ``extra_info`` alone.

    Args:
        extra_info: of pytest-benchmark, so that the counts stand beside the seconds.
        store: of the session.
        name: of the benchmark.
    """

    extra_info: dict[str, Any]
    store: dict[str, dict[str, Any]]
    name: str

    def __call__(self, *depends_on: str, **counts: Count) -> None:
        """Note counts.

        Args:
            *depends_on: packages whose version may change them, ``python`` among them.
            **counts: whole numbers, or names.
        """
        self.extra_info.update(counts)
        self.store[self.name] = {"depends_on": sorted(depends_on), "counts": counts}


def peak_kib(work: Callable[[], object]) -> int:
    """Return the most memory that Python and numpy held at once for one call, KiB, beyond what was held before.

    The least of several calls counts: what else happens in the process can only add to it.
    """
    work()
    peaks = []
    for _ in range(REPEATS):
        gc.collect()
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            work()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        peaks.append(peak - before)
    return round(min(peaks) / KIB)


def graph_counts(path: Path) -> dict[str, int]:
    """Count what makes an ONNX file slow: nodes, Transposes, and pairs of quantising and dequantising nodes."""
    import onnx

    kinds = Counter(node.op_type for node in onnx.load(path).graph.node)
    return {
        "nodes": kinds.total(),
        "transposes": kinds["Transpose"],
        "qdq_pairs": min(kinds["QuantizeLinear"], kinds["DequantizeLinear"]),
    }


def versions(names: set[str]) -> dict[str, str]:
    """Return the version of each package; of Python only what decides sizes: its minor version and word length."""
    found = {}
    for name in sorted(names):
        if name == "python":
            bits = 64 if sys.maxsize > 1 << 32 else 32
            found[name] = f"{sys.version_info.major}.{sys.version_info.minor}, {bits} bit"
        else:
            found[name] = importlib.metadata.version(name)
    return found
