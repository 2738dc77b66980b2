"""A cut across a motorway: how wide everything is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segrun_train.synthetic.railways import TRACK_M

# Of the offsets of side 0 and side 1 from the middle.
SIGNS = (-1.0, 1.0)


@dataclass(frozen=True)
class Section:
    """A cut across a motorway, metres from its middle; index 0 is the side of negative offsets.

    Args:
        median_m: width between the carriageways.
        paved: the median is paved and carries a barrier; else grass.
        lanes: lanes of both carriageways.
        lane_m: width of a lane.
        shoulders_m: paved width inside and outside the lanes.
        verges_m: grass or scrub outside the carriageways.
        frontages_m: width of the road alongside, 0 for none.
        tracks: railway tracks on the far side of each verge.
    """

    median_m: float
    paved: bool
    lanes: tuple[int, int]
    lane_m: float
    shoulders_m: tuple[float, float]
    verges_m: tuple[float, float]
    frontages_m: tuple[float, float]
    tracks: tuple[int, int]

    def carriageway_m(self, side: int) -> float:
        """Return the paved width of one carriageway."""
        return self.lanes[side] * self.lane_m + sum(self.shoulders_m)

    def edge_m(self, side: int) -> float:
        """Return how far the outer edge of one carriageway lies from the middle."""
        return self.median_m / 2 + self.carriageway_m(side)

    def frontage_m(self, side: int) -> float:
        """Return how far the middle of the road alongside lies from the middle of the motorway."""
        return self.edge_m(side) + self.verges_m[side] + self.frontages_m[side] / 2

    def rail_m(self, side: int) -> float:
        """Return how far the middle of the tracks lies from the middle of the motorway."""
        return (
            self.edge_m(side)
            + self.verges_m[side]
            + self.frontages_m[side]
            + 4
            + self.tracks[side] * TRACK_M / 2
        )

    def reach_m(self, side: int) -> float:
        """Return how far all of it reaches."""
        tracks = 8 + TRACK_M * self.tracks[side] if self.tracks[side] else 0.0
        return self.edge_m(side) + self.verges_m[side] + self.frontages_m[side] + tracks + 2.5


def draw_section(rng: np.random.Generator) -> Section:
    """Draw the sizes of one motorway."""
    paved = bool(rng.random() < 0.65)
    lanes = int(rng.choice([2, 3, 4, 5, 6], p=[0.08, 0.3, 0.34, 0.2, 0.08]))
    uneven = max(2, lanes + int(rng.choice([-1, 0, 0, 1])))
    near, far = (float(rng.uniform(3, 9) if rng.random() < 0.55 else rng.uniform(9, 26)) for _ in range(2))
    return Section(
        median_m=float(rng.uniform(1.0, 3.2) if paved else rng.uniform(4, 15)),
        paved=paved,
        lanes=(lanes, uneven),
        lane_m=float(rng.uniform(3.35, 3.75)),
        shoulders_m=(float(rng.uniform(0.6, 3.2)), float(rng.uniform(1.8, 3.4))),
        verges_m=(near, far),
        frontages_m=tuple(float(rng.uniform(6.5, 11)) if rng.random() < 0.45 else 0.0 for _ in range(2)),  # type: ignore[arg-type]
        tracks=tuple(int(rng.integers(1, 6)) if rng.random() < 0.16 else 0 for _ in range(2)),  # type: ignore[arg-type]
    )
