"""How much memory a run will take, and how much it took."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path

from segrun.grid import Grid
from segrun.pipeline import BATCHES_WAITING

MIB = 1024 * 1024


def resident_mib() -> float:
    """Return the memory this process holds now, MiB; 0 where the system does not say."""
    try:
        fields = Path("/proc/self/statm").read_text().split()
    except OSError:
        return 0.0
    import resource

    return int(fields[1]) * resource.getpagesize() / MIB


def peak_mib() -> float:
    """Return the most memory this process ever held, MiB; 0 where the system does not say."""
    # Linux's getrusage counts what the parent held when it started us; its own high-water mark does not.
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MIB if sys.platform == "darwin" else peak / 1024


# What a GDAL block cache may hold, and what rows that are assembled and counted take besides themselves.
GDAL_MIB = 64.0
ASSEMBLING_MIB = 12.0
NARROWEST_TILES = 2


def queues_mib(batch: int, tile: int, bands: int, classes: int) -> float:
    """Return what the full queues on both sides of the engine hold, MiB."""
    return (BATCHES_WAITING + 2) * batch * tile**2 * (bands + 4 * classes) / MIB


def frame_mib(
    grid: Grid, *, batch: int, bands: int, classes: int, panel_width: int, decoded_whole: bool
) -> float:
    """Predict what one frame adds to a loaded and warmed-up model, MiB.

    Two accumulators of a tile row, its validity and mask, the band of pixels that is being cut, and the full queues on both
    sides of the engine; a picture is decoded whole besides, a raster goes through GDAL's cache and is assembled.

    Args:
        grid: the tiles over the frame.
        batch: tiles in one call.
        bands: of the frame.
        classes: channels of the scores.
        panel_width: of the widest panel, pixels.
        decoded_whole: True for a picture, False for a raster read in windows.
    """
    width = min(max(grid.width, grid.tile), panel_width + grid.tile)
    accumulators = 2 * grid.tile * width * classes * 4
    rows = grid.tile * width * (2 + bands + 1)
    queues = queues_mib(batch, grid.tile, bands, classes) * MIB
    pixels = grid.height * grid.width
    if decoded_whole:
        return (accumulators + rows + queues + pixels * (bands + 2)) / MIB
    cache_mib = min(GDAL_MIB, pixels * (bands + 1) / MIB)
    assembling_mib = min(ASSEMBLING_MIB, pixels * 8 / MIB) + 256 * grid.width / MIB
    return (accumulators + rows + queues) / MIB + cache_mib + assembling_mib


@dataclass(frozen=True)
class MemoryPlan:
    """How wide panels are, and the memory that this takes.

    Args:
        panel_width: of the widest panel, pixels.
        peak_mib: predicted for the whole process.
    """

    panel_width: int
    peak_mib: float


def plan_memory(
    grid: Grid,
    *,
    loaded_mib: float,
    batch: int,
    bands: int,
    classes: int,
    panel_width: int,
    decoded_whole: bool,
    max_ram_mib: float | None,
) -> MemoryPlan:
    """Choose the widest panels that fit into memory; the narrowest, and what they take, where none does.

    Args:
        grid: the tiles over the frame.
        loaded_mib: what the process holds already, the model included.
        batch: tiles in one call.
        bands: of the frame.
        classes: channels of the scores.
        panel_width: of the widest panel without a bound, pixels.
        decoded_whole: True for a picture, which has one panel, False for a raster.
        max_ram_mib: the bound; None for none.
    """
    narrowest = min(panel_width, NARROWEST_TILES * grid.tile)
    while True:
        added = frame_mib(
            grid,
            batch=batch,
            bands=bands,
            classes=classes,
            panel_width=panel_width,
            decoded_whole=decoded_whole,
        )
        fits = max_ram_mib is None or loaded_mib + added <= max_ram_mib
        if fits or decoded_whole or panel_width <= narrowest:
            return MemoryPlan(panel_width, loaded_mib + added)
        panel_width = max(narrowest, panel_width // 2)
