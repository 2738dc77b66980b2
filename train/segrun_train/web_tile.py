"""Web map tiles: pictures whose names end in ``x-y-z``, so that the name tells where they lie and how large they are."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_NAME = re.compile(r"(\d+)-(\d+)-(\d+)$")
# Of the sphere of web mercator, EPSG:3857.
EARTH_RADIUS_CM = 637_813_700.0


@dataclass(frozen=True)
class WebTile:
    """A tile of the web map's grid.

    Args:
        col: x, from the date line.
        row: y, from the north.
        zoom: the grid has ``2 ** zoom`` columns.
    """

    col: int
    row: int
    zoom: int

    @classmethod
    def of(cls, stem: str) -> WebTile | None:
        """Read a name such as ``OAM-309612-261632-19``; None where it names no tile."""
        found = _NAME.search(stem)
        return cls(*(int(number) for number in found.groups())) if found else None

    def parent(self, zoom: int) -> WebTile:
        """Return the tile at a smaller zoom that holds this one, or this one."""
        shift = max(0, self.zoom - zoom)
        return WebTile(self.col >> shift, self.row >> shift, self.zoom - shift)

    def gsd_cm(self, width: int) -> float:
        """Return the distance on the ground that one pixel covers in the tile's middle, cm.

        Args:
            width: pixels across the tile.
        """
        northing = math.pi * (1 - 2 * (self.row + 0.5) / 2**self.zoom)
        latitude = math.atan(math.sinh(northing))
        return 2 * math.pi * EARTH_RADIUS_CM * math.cos(latitude) / float(2**self.zoom) / width
