"""The bare loop that `segrun predict` is compared with: load a model, run tiles that are decoded already, write nothing.

python benchmarks/overhead_bare.py MODEL TILES.npy THREADS
"""

from __future__ import annotations

import sys

import numpy as np
import onnxruntime


def main(model: str, tiles: str, threads: int) -> None:
    """Run uint8 [n, tile, tile, bands] one by one, with onnxruntime's own defaults but for the threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, sess_options=options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    for tile in np.load(tiles):
        session.run(None, {name: tile[None]})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
