"""A mask of a GeoTIFF with one engine and nothing else: what a person writes in an hour.

Reads the raster whole, cuts the tiles that `segrun predict` and GeoDeep cut, runs them one by one (Keras: all in one
``predict``), gives every pixel to the tile in whose middle it lies, and writes the mask with the raster's georeference.
It imports nothing of segrun, so that an environment needs no more than the engine, numpy and rasterio.

    python loop.py onnxruntime unet.onnx ortho.tif mask.tif --tile 256 --overlap 32 --thresholds 0.5 --threads 2
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Tiles = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float32]
Run = Callable[[Tiles], Scores]
KERAS_BATCH = 8


def starts(length: int, tile: int, overlap: int) -> list[int]:
    """Return the first pixel of each tile along one axis; the last tile ends with the axis."""
    last = length - tile
    return [*range(0, last, tile - overlap), last]


def boxes(height: int, width: int, tile: int, overlap: int) -> list[tuple[int, int]]:
    """Return the top left pixel (row, col) of each tile, row by row."""
    return [
        (row, col) for row in starts(height, tile, overlap) for col in starts(width, tile, overlap)
    ]  # fmt: skip


def middle(start: int, length: int, tile: int, overlap: int) -> tuple[int, int]:
    """Return the part of a tile along one axis that goes into the mask: half an overlap less, but not at the borders."""
    first = 0 if start == 0 else overlap // 2
    after = tile if start + tile == length else tile - overlap // 2
    return first, after


def mask_of(scores: Scores, thresholds: list[float]) -> Tiles:
    """Return class indices, uint8 [h, w], of float32 scores [h, w, k]."""
    if scores.shape[-1] == 1:
        return np.asarray(scores[..., 0] >= thresholds[0], np.uint8)
    able = np.where(scores >= np.array(thresholds, np.float32), scores, -1.0)
    return np.asarray(able.argmax(axis=-1), np.uint8)


def onnxruntime_engine(model: str, threads: int, tile: int) -> Run:  # noqa: ARG001 - one signature for all
    """A bare ``session.run``."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda pixels: np.asarray(session.run(None, {"image": pixels})[0])


def openvino_engine(model: str, threads: int, tile: int) -> Run:
    """OpenVINO's own API on its CPU device, in the precision of the file: unasked it may take bfloat16."""
    import openvino

    core = openvino.Core()
    network = core.read_model(model)
    network.reshape([1, tile, tile, int(network.input(0).partial_shape[3].get_length())])
    settings = {
        "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32",
    }  # fmt: skip
    compiled = core.compile_model(network, "CPU", settings)
    return lambda pixels: np.asarray(compiled(pixels)[0])


def litert_engine(model: str, threads: int, tile: int) -> Run:  # noqa: ARG001 - one signature for all
    """LiteRT's interpreter with XNNPACK."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter: Any = Interpreter(model_path=model, num_threads=threads)
    interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]["index"]
    target = interpreter.get_output_details()[0]["index"]

    def run(pixels: Tiles) -> Scores:
        interpreter.set_tensor(source, pixels)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(target))

    return run


def keras_engine(model: str, threads: int, tile: int) -> Run:  # noqa: ARG001 - one signature for all
    """``model.predict`` of many tiles, in batches."""
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    network = keras.saving.load_model(model, compile=False)
    return lambda pixels: np.asarray(network.predict(pixels, batch_size=KERAS_BATCH, verbose=0))


ENGINES: dict[str, Callable[[str, int, int], Run]] = {
    "onnxruntime": onnxruntime_engine,
    "openvino": openvino_engine,
    "litert": litert_engine,
    "keras": keras_engine,
}


def scored(
    run: Run, raster: Tiles, where: list[tuple[int, int]], tile: int, at_once: int
) -> Iterator[Scores]:
    """Yield the scores of each tile, float32 [tile, tile, k]."""
    for first in range(0, len(where), at_once):
        pixels = np.stack(
            [raster[row : row + tile, col : col + tile] for row, col in where[first : first + at_once]]
        )
        yield from run(pixels)


def main() -> None:
    """Write the mask."""
    words = argparse.ArgumentParser()
    words.add_argument("engine", choices=ENGINES)
    for name in ("model", "raster", "mask"):
        words.add_argument(name)
    for name in ("--tile", "--overlap", "--threads"):
        words.add_argument(name, type=int, required=True)
    words.add_argument("--thresholds", type=float, nargs="+", required=True)
    asked = words.parse_args()

    import rasterio

    run = ENGINES[asked.engine](asked.model, asked.threads, asked.tile)
    with rasterio.open(asked.raster) as source:
        pixels = np.ascontiguousarray(source.read(indexes=[1, 2, 3]).transpose(1, 2, 0))
        profile = {**source.profile, "count": 1, "nodata": None, "photometric": None, "interleave": "band"}
    height, width = pixels.shape[:2]
    where = boxes(height, width, asked.tile, asked.overlap)
    mask = np.zeros((height, width), np.uint8)
    at_once = len(where) if asked.engine == "keras" else 1
    for (row, col), scores in zip(
        where, scored(run, pixels, where, asked.tile, at_once), strict=True
    ):  # fmt: skip
        top, bottom = middle(row, height, asked.tile, asked.overlap)
        left, right = middle(col, width, asked.tile, asked.overlap)
        part = mask_of(scores[top:bottom, left:right], asked.thresholds)
        mask[row + top : row + bottom, col + left : col + right] = part
    with rasterio.open(Path(asked.mask), "w", **profile) as target:
        target.write(mask, 1)


if __name__ == "__main__":
    main()
