"""Ranges of a network's activations on real tiles, for int8."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from segrun.errors import InputError
from segrun.progress import Progress
from segrun_export.onnx_conversion import INPUT

Method = Literal["minmax", "percentile", "entropy"]
METHODS: tuple[Method, ...] = ("minmax", "percentile", "entropy")
FEWEST_TILES = 4
_BINS = 2048
_LEVELS = 256
_PERCENTILE = 99.99
# Activations that one run of the network may hand out at once; all of a large network would not fit.
_MOST_BYTES = 128 * 2**20
_CUTS = 48


@dataclass(frozen=True)
class Histogram:
    """Values of one activation over all calibration tiles.

    Args:
        low: smallest value.
        high: largest value.
        counts: int64 [2048], equal bins from low to high.
    """

    low: float
    high: float
    counts: npt.NDArray[np.int64]

    def range(self, method: Method) -> tuple[float, float]:
        """Return the lowest and highest value that int8 shall represent; zero lies always inside.

        Source: for ``entropy``, S. Migacz, 8-bit inference with TensorRT, GTC 2017.
        """
        if method == "minmax" or self.high <= self.low:
            low, high = self.low, self.high
        elif method == "percentile":
            low, high = self._percentile()
        else:
            low, high = self._entropy()
        return min(low, 0.0), max(high, 0.0)

    def _percentile(self) -> tuple[float, float]:
        share = self.counts.cumsum() / self.counts.sum()
        outside = (1 - _PERCENTILE / 100) / 2
        edges = np.linspace(self.low, self.high, _BINS + 1)
        first = int(np.searchsorted(share, outside))
        last = int(np.searchsorted(share, 1 - outside))
        return float(edges[first]), float(edges[min(last, _BINS - 1) + 1])

    def _entropy(self) -> tuple[float, float]:
        """Return the cut that loses least information, after Kullback and Leibler."""
        edges = np.linspace(self.low, self.high, _BINS + 1)
        best = (np.inf, self.low, self.high)
        for share in np.linspace(1.0, 0.2, _CUTS):
            low = self.low * share if self.low < 0 else self.low
            high = self.high * share if self.high > 0 else self.high
            first = int(np.searchsorted(edges, low, "right")) - 1
            last = int(np.searchsorted(edges, high, "left"))
            if last - first < _LEVELS:
                break
            loss = _divergence(self.counts, max(first, 0), min(last, _BINS))
            if loss < best[0]:
                best = (loss, low, high)
        return best[1], best[2]


def _divergence(counts: npt.NDArray[np.int64], first: int, last: int) -> float:
    inside = counts[first:last].astype(np.float64)
    clipped = inside.copy()
    clipped[0] += counts[:first].sum()
    clipped[-1] += counts[last:].sum()
    level = np.arange(len(inside)) * _LEVELS // len(inside)
    filled = inside > 0
    sums = np.bincount(level, weights=inside, minlength=_LEVELS)
    bins = np.bincount(level, weights=filled, minlength=_LEVELS)
    spread = np.where(filled, sums[level] / np.maximum(bins[level], 1), 0.0)
    p, q = clipped / clipped.sum(), spread / max(spread.sum(), 1.0)
    used = (p > 0) & (q > 0)
    # Mass that the cut moved onto an empty bin cannot be told from the quantised side: count it in full.
    return float((p[used] * np.log(p[used] / q[used])).sum() + p[(p > 0) & (q == 0)].sum() * 10)


def histograms(
    content: bytes,
    tiles: npt.NDArray[np.uint8],
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Histogram]:
    """Run a float network over calibration tiles, one at a time, and count the values of every activation.

    Args:
        content: a float32 ONNX file of the contract.
        tiles: uint8 [n, tile, tile, b].
        threads: of the engine.
        progress: told after each tile.
    Returns:
        One histogram for each float tensor that a node computes.
    Raises:
        InputError: too few tiles, or tiles that are all of one colour.
    """
    if len(tiles) < FEWEST_TILES or int(np.ptp(tiles)) == 0:
        raise InputError(
            f"int8 needs at least {FEWEST_TILES} calibration tiles that show something. "
            f"Received: {len(tiles)} tiles with values {int(tiles.min(initial=255))} to {int(tiles.max(initial=0))}. "
            "Give more pictures."
        )
    session, sizes = _opened(content, threads)
    limits: dict[str, tuple[float, float]] = {}
    counts: dict[str, npt.NDArray[np.int64]] = {}
    total, done = 2 * len(tiles), 0
    for counting in (False, True):
        for tile in tiles:
            for name, value in _activations(session, sizes, tile):
                if counting:
                    found, _ = np.histogram(value, _BINS, limits[name])
                    counts[name] = counts.get(name, 0) + found
                else:
                    low, high = limits.get(name, (np.inf, -np.inf))
                    limits[name] = (min(low, float(value.min())), max(high, float(value.max())))
            done += 1
            if progress:
                progress("calibrate", done, total)
    return {name: Histogram(*limits[name], counts[name]) for name in counts}


def _opened(content: bytes, threads: int | None) -> tuple[Any, dict[str, int]]:
    """Load the network with every float activation as an output; return also their sizes in bytes."""
    import onnx
    import onnxruntime

    model = onnx.load_from_string(content)
    inferred = onnx.shape_inference.infer_shapes(model)
    sizes = {}
    known = {item.name for item in model.graph.output}
    for item in [*inferred.graph.value_info, *inferred.graph.output]:
        kind = item.type.tensor_type
        if kind.elem_type != onnx.TensorProto.FLOAT:
            continue
        sizes[item.name] = 4 * int(np.prod([max(dim.dim_value, 1) for dim in kind.shape.dim]))
        if item.name not in known:
            model.graph.output.append(onnx.helper.make_empty_tensor_value_info(item.name))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # Fusions would compute other tensors than those that are quantised.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    if threads:
        options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), sess_options=options, providers=["CPUExecutionProvider"]
    )
    return session, sizes


def _activations(
    session: Any, sizes: dict[str, int], tile: npt.NDArray[np.uint8]
) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    group: list[str] = []
    waiting = 0
    for position, (name, size) in enumerate(sizes.items(), start=1):
        group.append(name)
        waiting += size
        if waiting >= _MOST_BYTES or position == len(sizes):
            yield from zip(group, session.run(group, {INPUT: tile[None]}), strict=True)
            group, waiting = [], 0
