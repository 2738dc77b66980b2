"""Ranges of a network's activations on real tiles, for int8."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.errors import InputError
from segrun.progress import Progress
from segrun_export.histogram import BINS, Histogram
from segrun_export.onnx_conversion import INPUT
from segrun_export.onnx_int8 import before_first_convolution

FEWEST_TILES = 4
# Activations that one run of the network may hand out at once; all of a large network would not fit.
_MOST_BYTES = 128 * 2**20

Activations = Callable[[npt.NDArray[np.uint8]], Iterable[tuple[str, npt.NDArray[np.float32]]]]


def refuse_poor_tiles(tiles: npt.NDArray[np.uint8]) -> None:
    """Stop where calibration tiles cannot show any range.

    Args:
        tiles: uint8 [n, tile, tile, b].
    Raises:
        InputError: too few tiles, or tiles that are all of one colour.
    """
    if len(tiles) < FEWEST_TILES or int(np.ptp(tiles)) == 0:
        raise InputError(
            f"int8 needs at least {FEWEST_TILES} calibration tiles that show something. "
            f"Received: {len(tiles)} tiles with values {int(tiles.min(initial=255))} to {int(tiles.max(initial=0))}. "
            "Give more pictures."
        )


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
    refuse_poor_tiles(tiles)
    session, sizes = _opened(content, threads)
    found = counted(lambda tile: _activations(session, sizes, tile), tiles, progress=progress)
    return {**found, **_of_any_pixel(content, session, tiles[0], found)}


def counted(
    activations: Activations, tiles: npt.NDArray[np.uint8], *, progress: Progress | None = None
) -> dict[str, Histogram]:
    """Count the values of every activation in two passes: first their limits, then their histograms.

    Args:
        activations: hands out the name and values of each activation for one tile.
        tiles: uint8 [n, tile, tile, b].
        progress: told after each tile.
    """
    limits: dict[str, tuple[float, float]] = {}
    counts: dict[str, npt.NDArray[np.int64]] = {}
    total, done = 2 * len(tiles), 0
    for counting in (False, True):
        for tile in tiles:
            for name, value in activations(tile):
                if counting:
                    found, _ = np.histogram(value, BINS, limits[name])
                    counts[name] = counts.get(name, 0) + found
                else:
                    low, high = limits.get(name, (np.inf, -np.inf))
                    limits[name] = (min(low, float(value.min())), max(high, float(value.max())))
            done += 1
            if progress:
                progress("calibrate", done, total)
    return {name: Histogram(*limits[name], counts[name]) for name in counts}


def _of_any_pixel(
    content: bytes, session: Any, tile: npt.NDArray[np.uint8], found: dict[str, Histogram]
) -> dict[str, Histogram]:
    """Widen the scaled pixels to what 0 and 255 become, so that eight bits hold every pixel without loss."""
    import onnx

    names = [name for name in before_first_convolution(onnx.load_from_string(content).graph) if name in found]
    if not names:
        return {}
    ends = [session.run(names, {INPUT: np.full_like(tile, value)[None]}) for value in (0, 255)]
    return {
        name: Histogram(
            float(min(end[index].min() for end in ends)),
            float(max(end[index].max() for end in ends)),
            found[name].counts,
        )
        for index, name in enumerate(names)
    }


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
