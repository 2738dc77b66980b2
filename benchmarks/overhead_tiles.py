"""Decode inputs and cut them as `segrun predict` does, so that the bare loop gets the very same tiles.

python -m benchmarks.overhead_tiles MODEL OVERLAP TILES.npy INPUT...
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import numpy as np

from segrun.grid import Grid
from segrun.model_file import ModelFile
from segrun.models import find_model
from segrun.sources import open_frame, plan
from segrun.tiles import TileBatch, batches

PANEL_WIDTH_PX = 4096


def main(model: str, overlap: int, target: str, inputs: list[Path]) -> None:
    """Write uint8 [n, tile, tile, bands], the tiles of all inputs in the order in which they would be run."""
    card = ModelFile.read(find_model(model)).card()
    if card is None:
        raise SystemExit("the model has no card; use one that segrun exported")
    found = []
    for item in plan(inputs):
        with closing(open_frame(item, bands=len(card.bands))) as frame:
            panels = Grid(frame.height, frame.width, card.tile, overlap).panels(PANEL_WIDTH_PX)
            cut: list[TileBatch[None]] = list(batches(None, panels, 1, len(card.bands), frame))
            found += [batch.pixels for batch in cut if batch.filled]
    np.save(target, np.concatenate(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], [Path(word) for word in sys.argv[4:]])
