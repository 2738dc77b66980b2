"""How much memory a run will take, and how much it took."""

from __future__ import annotations

import sys
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
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MIB if sys.platform == "darwin" else peak / 1024


def frame_mib(
    grid: Grid, *, batch: int, bands: int, classes: int, panel_width: int, decoded_whole: bool
) -> float:
    """Predict what one frame adds to a loaded and warmed-up model, MiB.

    Two accumulators of a tile row, its validity and mask, the band of pixels that is being cut, and the full queues on both
    sides of the engine; a picture is decoded whole besides.

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
    queues = (BATCHES_WAITING + 2) * batch * grid.tile**2 * (bands + 4 * classes)
    picture = grid.height * grid.width * (bands + 2) if decoded_whole else 0
    return (accumulators + rows + queues + picture) / MIB
