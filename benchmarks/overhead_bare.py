"""The bare loop that `segrun predict` is compared with: load a model, run tiles that are decoded already, write nothing.

python benchmarks/overhead_bare.py MODEL TILES.npy THREADS [CALLERS]
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime


def main(model: str, tiles: str, threads: int, callers: int = 1) -> None:
    """Run uint8 [n, tile, tile, bands] one by one, with onnxruntime's own defaults but for the threads.

    Args:
        model: an ONNX file.
        tiles: a .npy file.
        threads: of all calls together.
        callers: how many calls go side by side: each has a thread of its own, and those that are left help whoever asks.
    """
    options = onnxruntime.SessionOptions()
    # One pool serves all calls of a session, and each caller's own thread computes beside it.
    options.intra_op_num_threads = max(1, threads - callers + 1)
    session = onnxruntime.InferenceSession(model, sess_options=options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    pixels = np.load(tiles)
    if callers == 1:
        for tile in pixels:
            session.run(None, {name: tile[None]})
        return

    def run_share(first: int) -> None:
        for tile in pixels[first::callers]:
            session.run(None, {name: tile[None]})

    with ThreadPoolExecutor(callers) as pool:
        for done in [pool.submit(run_share, first) for first in range(callers)]:
            done.result()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
