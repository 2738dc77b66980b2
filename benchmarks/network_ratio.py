"""How much faster one model is than another on onnxruntime's CPU provider, in alternating rounds of one process.

python benchmarks/network_ratio.py unet.onnx roofs
"""

from __future__ import annotations

import statistics
import time

import click
import numpy as np

from segrun.model_file import ModelFile
from segrun.models import find_model
from segrun.sessions import Session, SessionOptions, open_session

TARGET = 0.25


def milliseconds(session: Session, pixels: np.ndarray, tiles: int) -> float:
    """Run tiles one by one; return milliseconds for each."""
    started = time.perf_counter()
    for _ in range(tiles):
        session.run(pixels)
    return 1000 * (time.perf_counter() - started) / tiles


@click.command()
@click.argument("slow")
@click.argument("fast")
@click.option("--rounds", default=9, show_default=True)
@click.option("--tiles", default=15, show_default=True)
@click.option("--threads", default=2, show_default=True)
def main(slow: str, fast: str, rounds: int, tiles: int, threads: int) -> None:
    """Print the ratio of FAST's median time to SLOW's."""
    # Threads that spin while the other model runs would take its processors.
    options = SessionOptions("cpu", threads, spinning=False)
    sessions = [open_session(ModelFile.read(find_model(name)), options) for name in (slow, fast)]
    shapes = [(1, s.card.tile, s.card.tile, len(s.card.bands)) for s in sessions]
    inputs = [np.random.default_rng(0).integers(0, 256, shape, np.uint8) for shape in shapes]
    times: list[list[float]] = [[], []]
    for turn in range(rounds + 1):
        for index in (0, 1) if turn % 2 else (1, 0):
            spent = milliseconds(sessions[index], inputs[index], tiles)
            if turn:
                times[index].append(spent)
    medians = [statistics.median(rows) for rows in times]
    for session, median in zip(sessions, medians, strict=True):
        print(f"{session.card.name}: {median:.1f} ms/tile, {threads} threads, {rounds} rounds of {tiles}")
    ratio = medians[1] / medians[0]
    print(f"ratio {ratio:.3f}, target {TARGET}: {'reached' if ratio <= TARGET else 'MISSED'}")


if __name__ == "__main__":
    main()
