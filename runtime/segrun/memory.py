"""How much memory a run will take, and how much it took."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path

from segrun.grid import Grid
from segrun.packed_scores import BYTES
from segrun.picture_cost import PictureCost
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


# What GDAL holds beside the block at hand: it decodes block by block and keeps few of them.
GDAL_MIB = 2.0
# Bytes for each pixel of rows that are assembled and counted, and how many of them at a time.
ASSEMBLING_BYTES = 12
ASSEMBLED_PX = 1 << 20
# Bytes for each pixel that is tinted at a time, and for each of the small picture and its JPEG.
TINTING_BYTES = 16
OVERLAY_BYTES = 12
NARROWEST_TILES = 2


def queues_mib(batch: int, tile: int, bands: int, classes: int, callers: int = 1) -> float:
    """Return what the full queues on both sides of the engine hold, and what lies between them, MiB."""
    return (BATCHES_WAITING + 2 * callers) * batch * tile**2 * (bands + 4 * classes) / MIB


def besides_mib(height: int, width: int, classes: int, *, scores: bool, overlay: bool) -> float:
    """Return what is held besides the mask, MiB: the overlay, and a row of blocks of scores, here and in GDAL's hands.

    Args:
        height: of the frame, pixels.
        width: of the frame, pixels.
        classes: channels of the scores.
        scores: whether they are written.
        overlay: whether one is drawn.
    """
    return (_scores_mib(width, classes) if scores else 0.0) + (
        _overlay_mib(height, width) if overlay else 0.0
    )


def _scores_mib(width: int, classes: int) -> float:
    from segrun.sinks.geotiff import BLOCK

    return 2 * BLOCK * width * BYTES * classes / MIB


def _overlay_mib(height: int, width: int) -> float:
    from segrun.overlay import LONGEST_SIDE_PX

    factor = -(-max(height, width) // LONGEST_SIDE_PX)
    small = (height // factor) * (width // factor)
    return (TINTING_BYTES * min(ASSEMBLED_PX, height * width) + OVERLAY_BYTES * small) / MIB


def frame_mib(
    grid: Grid,
    *,
    batch: int,
    bands: int,
    classes: int,
    panel_width: int,
    source: tuple[int, int] | PictureCost,
    callers: int = 1,
) -> float:
    """Predict what one frame adds to a loaded and warmed-up model, MiB.

    Two accumulators of a tile row, its validity and mask, the band of pixels that is being cut, and the full queues on both
    sides of the engine; a picture is decoded whole before, a raster block by block, and it is assembled.

    Args:
        grid: the tiles over the frame.
        batch: tiles in one call.
        bands: of the frame.
        classes: channels of the scores.
        panel_width: of the widest panel, pixels.
        source: rows and columns that a raster decodes at once, or what a picture costs.
        callers: calls of the engine side by side; twice as many batches lie between the queues.
    """
    width = _widest(grid, panel_width, source)
    rows = grid.tile * width * (2 + bands + 1) / MIB
    queues = queues_mib(batch, grid.tile, bands, classes, callers)
    held = held_mib(grid, classes=classes, panel_width=panel_width, source=source)
    if isinstance(source, PictureCost):
        return max(source.decoding_bytes / MIB, held + rows) + queues
    decoding = 1.25 * source[0] * source[1] * (bands + 1) / MIB
    return held + rows + decoding + queues + GDAL_MIB


def held_mib(grid: Grid, *, classes: int, panel_width: int, source: tuple[int, int] | PictureCost) -> float:
    """Predict what one frame holds until its mask is done, MiB, see ``frame_mib``: what it adds to the frame after it."""
    width = _widest(grid, panel_width, source)
    accumulators = 2 * grid.tile * width * classes * 4
    if isinstance(source, PictureCost):
        return (accumulators + source.held_bytes) / MIB
    assembling = ASSEMBLING_BYTES * min(ASSEMBLED_PX, grid.height * grid.width) + 256 * grid.width
    return (accumulators + assembling) / MIB


def _widest(grid: Grid, panel_width: int, source: tuple[int, int] | PictureCost) -> int:
    width = max(grid.width, grid.tile)
    # A picture is one panel, however wide.
    return width if isinstance(source, PictureCost) else min(width, panel_width + grid.tile)


@dataclass(frozen=True)
class MemoryPlan:
    """How wide panels are, and the memory that this takes.

    Args:
        panel_width: of the widest panel, pixels.
        peak_mib: predicted for the whole process.
        held_mib: what of it stays until the mask is done.
    """

    panel_width: int
    peak_mib: float
    held_mib: float = 0.0


def plan_memory(
    grid: Grid,
    *,
    loaded_mib: float,
    batch: int,
    bands: int,
    classes: int,
    panel_width: int,
    source: tuple[int, int] | PictureCost,
    max_ram_mib: float | None,
    callers: int = 1,
) -> MemoryPlan:
    """Choose the widest panels that fit into memory; the narrowest, and what they take, where none does.

    Args:
        grid: the tiles over the frame.
        loaded_mib: what the process holds already, the model included.
        batch: tiles in one call.
        bands: of the frame.
        classes: channels of the scores.
        panel_width: of the widest panel without a bound, pixels.
        source: rows and columns that a raster decodes at once, or what a picture costs, which has one panel.
        max_ram_mib: the bound; None for none.
        callers: calls of the engine side by side.
    """
    narrowest = min(panel_width, NARROWEST_TILES * grid.tile)
    while True:
        added = frame_mib(
            grid,
            batch=batch,
            bands=bands,
            classes=classes,
            panel_width=panel_width,
            source=source,
            callers=callers,
        )
        fits = max_ram_mib is None or loaded_mib + added <= max_ram_mib
        if fits or isinstance(source, PictureCost) or panel_width <= narrowest:
            held = held_mib(grid, classes=classes, panel_width=panel_width, source=source)
            return MemoryPlan(panel_width, loaded_mib + added, held)
        panel_width = max(narrowest, panel_width // 2)
