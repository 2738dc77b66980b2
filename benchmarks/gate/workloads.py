"""What the gate measures: small pieces of the product, each as one round that takes some ten milliseconds.

A workload runs unchanged in the working tree and in the base revision, so it uses nothing but names that both have.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.gate.inputs import TILE, TILES, Inputs

OVERLAP_PX = 32
LOOPS = 100_000
LOOP = "loop"
COLUMNS = 6


def stitch(inputs: Inputs) -> Iterator[float]:
    """Stitch 42 tiles; the copies that the stitcher uses up are made off the clock."""
    from segrun.grid import Grid
    from segrun.stitch import Stitcher

    source = inputs.scores
    step = TILE - OVERLAP_PX
    grid = Grid(step * (TILES // COLUMNS - 1) + TILE, step * (COLUMNS - 1) + TILE, TILE, OVERLAP_PX)
    (panel,) = grid.panels(1 << 20)
    while True:
        scores = source.copy()
        started = time.process_time()
        stitcher = Stitcher(panel, 1)
        for tile in scores:
            stitcher.add(tile, None)
        yield time.process_time() - started


def cut(inputs: Inputs) -> Iterator[float]:
    """Cut a picture of 512 pixels into tiles of 128 that overlap by 32, 24 times."""
    from segrun.boxes import Box
    from segrun.grid import Grid
    from segrun.pictures import Picture
    from segrun.tiles import batches

    picture = inputs.picture
    (panel,) = Grid(picture.shape[0], picture.shape[1], 128, OVERLAP_PX).panels(1 << 20)

    class Whole:
        def read(self, box: Box) -> Picture:
            return Picture(picture[box.slices])

        def is_empty(self, box: Box) -> bool:  # noqa: ARG002 - a picture without borders
            return False

    def once() -> None:
        for _ in range(24):
            for _ in batches(None, [panel], 4, 3, Whole()):
                pass

    return _timed(once)


def threshold(inputs: Inputs) -> Iterator[float]:
    """Turn strips of scores, of one class and of four, into masks."""
    from segrun.threshold import mask_from_scores

    one: npt.NDArray[np.float32] = inputs.scores[:4].reshape(TILE, -1, 1)
    four = one.reshape(TILE, -1, 4)

    def once() -> None:
        for _ in range(8):
            mask_from_scores(one, [0.5], "sigmoid")
        mask_from_scores(four, [0.0, 0.5, 0.4, 0.6], "softmax")

    return _timed(once)


def decode(inputs: Inputs) -> Iterator[float]:
    """Read a PNG of 256 pixels from disk, with every check, four times."""
    from segrun.pictures import read_picture

    def once() -> None:
        for _ in range(4):
            read_picture(inputs.pictures / "scene.png")

    return _timed(once)


def session(inputs: Inputs) -> Iterator[float]:
    """Score a tile with the bundled network on onnxruntime's processor engine, one thread."""
    from segrun.model_file import ModelFile
    from segrun.sessions import SessionOptions, open_session

    opened = open_session(ModelFile.read(inputs.model), SessionOptions("cpu", threads=1))
    picture = inputs.picture
    tile = opened.card.tile
    pixels = np.ascontiguousarray(picture[None, :tile, :tile])

    def once() -> None:
        opened.run(pixels)

    return _timed(once)


def folder(inputs: Inputs) -> Iterator[float]:
    """Predict a folder of one picture from end to end, one engine thread."""
    from segrun.predict import PredictOptions, predict
    from segrun.sessions import SessionOptions

    options = SessionOptions("cpu", threads=1)

    def once() -> None:
        out = Path(tempfile.mkdtemp(dir=inputs.folder))
        report = predict(inputs.model, [inputs.pictures], PredictOptions(out=out, session=options))
        if report.exit_code != 0:
            raise RuntimeError(f"predict failed: {report.failures}")
        shutil.rmtree(out)

    return _timed(once)


def loop(inputs: Inputs) -> Iterator[float]:  # noqa: ARG001 - needs nothing
    """Do nothing, often: what a planted slowdown is made of."""

    def once() -> None:
        for _ in range(LOOPS):
            pass

    return _timed(once)


def _timed(once: Callable[[], None]) -> Iterator[float]:
    while True:
        started = time.process_time()
        once()
        yield time.process_time() - started


@dataclass(frozen=True)
class Workload:
    """One line of the gate.

    Args:
        rounds: prepares once, then yields the seconds of processor time of each round.
        turns: rounds of each side in a duel.
    """

    rounds: Callable[[Inputs], Iterator[float]]
    turns: int


# For ``plant``; no line of the gate.
CALIBRATION = {LOOP: Workload(loop, 1)}
WORKLOADS = {
    "stitch": Workload(stitch, 20),
    "session": Workload(session, 12),
    "cut": Workload(cut, 20),
    "threshold": Workload(threshold, 24),
    "decode": Workload(decode, 14),
    "folder": Workload(folder, 6),
}
