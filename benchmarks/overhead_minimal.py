"""The least that makes a mask of one tile: import, load, decode, run, write. `segrun predict` is compared with it.

python benchmarks/overhead_minimal.py MODEL TILE.png MASK.png
"""

from __future__ import annotations

import sys

import cv2
import numpy as np
import onnxruntime


def main(model: str, tile: str, mask: str) -> None:
    """Run one picture of the model's own size."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    picture = cv2.imread(tile)
    assert picture is not None
    pixels = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    scores = session.run(None, {session.get_inputs()[0].name: pixels[None]})[0]
    cv2.imwrite(mask, (scores[0, ..., 0] >= 0.5).astype(np.uint8) * 255)


if __name__ == "__main__":
    main(*sys.argv[1:])
