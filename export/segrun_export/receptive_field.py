"""How far a pixel's score really depends on its surroundings, measured by changing them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.progress import Progress
from segrun_export.reference import keras_scores

# A mean change of a score below this is taken for no change.
TOLERANCE = 0.01
# Pixels in the middle of a tile whose scores are watched.
_WATCHED = 8
_RINGS = 8
_TILES = 6


@dataclass(frozen=True)
class ReceptiveField:
    """The effective receptive field of a network on real tiles.

    Args:
        radius_px: distance beyond which changed pixels move a score by less than 0.01 on average; None where
            every distance that was tried still did.
        overlap_px: default overlap of neighbouring tiles: twice the radius, at most a quarter of the tile.
        seam_error: expected mean error of a score in the middle of such an overlap, where half of it is context.
        errors: mean change of the scores by the distance beyond which everything was changed.
    """

    radius_px: int | None
    overlap_px: int
    seam_error: float
    errors: dict[int, float]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        fields = dataclasses.asdict(self)
        fields["errors"] = {str(distance): error for distance, error in self.errors.items()}
        return fields


def receptive_field(
    model: Any, pixels: npt.NDArray[np.uint8], *, progress: Progress | None = None
) -> ReceptiveField:
    """Replace everything beyond a distance by another place's pixels and see how the scores in the middle change.

    Args:
        model: the Keras model.
        pixels: uint8 [n, tile, tile, b], real tiles.
        progress: told after each distance.
    """
    tiles = pixels[:_TILES]
    tile = tiles.shape[1]
    # What lies beyond comes from another tile, or from the tile itself upside down where there is one alone.
    foreign = np.roll(tiles, 1, axis=0) if len(tiles) > 1 else tiles[:, ::-1, ::-1]
    middle = slice(tile // 2 - _WATCHED // 2, tile // 2 + _WATCHED // 2)
    before = keras_scores(model, tiles)[:, middle, middle]
    farthest = tile // 2 - _WATCHED // 2
    distances = sorted({max(1, round(farthest * step / _RINGS)) for step in range(1, _RINGS)})
    errors = {}
    for done, distance in enumerate(distances, start=1):
        changed = foreign.copy()
        inside = slice(middle.start - distance, middle.stop + distance)
        changed[:, inside, inside] = tiles[:, inside, inside]
        after = keras_scores(model, changed)[:, middle, middle]
        errors[distance] = float(np.abs(after - before).mean())
        if progress:
            progress("receptive field", done, len(distances))
    return _summary(errors, tile)


def _summary(errors: dict[int, float], tile: int) -> ReceptiveField:
    settled = [
        distance
        for distance in errors
        if all(error <= TOLERANCE for other, error in errors.items() if other >= distance)
    ]
    radius = min(settled) if settled else None
    most = tile // 4
    overlap = most if radius is None else min(2 * radius, most)
    distances = np.array(sorted(errors))
    seam_error = float(np.interp(overlap / 2, distances, [errors[int(item)] for item in distances]))
    return ReceptiveField(radius, overlap, seam_error, errors)
