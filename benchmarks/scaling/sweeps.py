"""What is varied: one thing at a time, everything else at its default; the overlap grows with the tile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["pixels", "tile", "overlap", "batch", "threads"]
KINDS: tuple[Kind, ...] = ("pixels", "tile", "overlap", "batch", "threads")


@dataclass(frozen=True)
class Point:
    """One run of predict.

    Args:
        side: of the square raster, pixels.
        tile: of the model, pixels.
        overlap: of neighbouring tiles, pixels.
        batch: tiles in one call.
        threads: of the engine.
    """

    side: int
    tile: int
    overlap: int
    batch: int
    threads: int

    @property
    def megapixels(self) -> float:
        """Of the raster."""
        return self.side**2 / 1e6

    @property
    def tiles(self) -> int:
        """To run."""
        from segrun.grid import Grid

        return Grid(self.side, self.side, self.tile, self.overlap).count

    @property
    def name(self) -> str:
        """Unique and readable."""
        return f"{self.side} px, tile {self.tile}, overlap {self.overlap}, batch {self.batch}, threads {self.threads}"

    def value(self, kind: Kind) -> float:
        """Return what a sweep varies, for the axis of a plot."""
        return self.megapixels if kind == "pixels" else float(getattr(self, kind))


def sweeps(tile: int, overlap: int, cpus: int, *, quick: bool) -> dict[Kind, Sequence[Point]]:
    """Return the points of every sweep, ascending.

    Args:
        tile: of the model, pixels.
        overlap: its default, pixels.
        cpus: processors that this process may use.
        quick: a few small points, to see whether it works at all.
    """
    sides = (512, 1024, 1536) if quick else (1000, 2000, 4096, 8000, 12000, 16000, 20000)
    side = 512 if quick else 4096
    tiles = (tile // 2, tile) if quick else (tile // 2, tile, 2 * tile, 4 * tile)
    overlaps = (0, overlap) if quick else (0, 16, 32, 64, 128)
    batches = (1, 2) if quick else (1, 2, 4, 8, 16)
    threads = sorted({2**power for power in range(cpus.bit_length()) if 2**power < cpus} | {cpus})
    return {
        "pixels": [Point(item, tile, overlap, 1, cpus) for item in sides],
        "tile": [Point(side, item, overlap * item // tile, 1, cpus) for item in tiles],
        "overlap": [Point(side, tile, item, 1, cpus) for item in overlaps if item <= tile // 2],
        "batch": [Point(side, tile, overlap, item, cpus) for item in batches],
        "threads": [Point(side, tile, overlap, 1, item) for item in threads],
    }
