"""Slip roads: they leave a carriageway at a small angle, for the road alongside or for the streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segrun_train.synthetic.corridors import Corridor
from segrun_train.synthetic.motorway_section import SIGNS, Section
from segrun_train.synthetic.paths import beside, path_metres
from segrun_train.synthetic.roadway import Roadway
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.world import Points

# How far beside the motorway's own strip a slip road ends at most.
_FARTHEST_M = 26.0


@dataclass(frozen=True)
class SlipRoad:
    """One slip road.

    Args:
        path: its middle, ground metres [n, 2]; begins under the carriageway.
        apart: the part of its path that lies beside the carriageway.
        gap: lines of the ground between it and the motorway's own strip, ground metres [n, 2].
        road: its sizes.
    """

    path: Points
    apart: Points
    gap: tuple[Points, Points]
    road: Roadway

    def strips(self, verge_m: float) -> list[Corridor]:
        """Return the ground that it takes up with a verge, and all that is left between it and the motorway."""
        own = Corridor(self.path, self.road.half_m + verge_m)
        return [own, *(Corridor(line, _FARTHEST_M / 4) for line in self.gap)]


def draw_slip_road(site: Site, section: Section, path: Points, side: int) -> SlipRoad | None:
    """Draw a slip road somewhere along a motorway, or None where tracks are in its way or it has no room.

    Args:
        site: the dice.
        section: the motorway's sizes.
        path: its middle, ground metres [n, 2].
        side: which carriageway it leaves, 0 or 1.
    """
    lanes = 1 if site.chance(0.6) else 2
    road = Roadway(
        lanes,
        site.uniform(3.6, 4.6),
        (site.uniform(0.3, 1.0), site.uniform(0.6, 2.2)),
        SIGNS[side],
        motorway=True,
    )
    edge = section.edge_m(side)
    begin = edge - road.half_m
    alongside = section.frontages_m[side] > 0
    if section.tracks[side] and not alongside:
        return None
    end = section.frontage_m(side) if alongside else section.reach_m(side) + site.uniform(-2, _FARTHEST_M)
    length_m = max(90.0, (end - begin) * site.uniform(5.5, 11))
    metres = path_metres(path)
    share = np.clip((metres - metres[-1] * site.uniform(0.25, 0.7)) / length_m + 0.5, 0, 1)
    if site.chance(0.5):
        share = share[::-1]
    offset = begin + (end - begin) * share * share * (3 - 2 * share)
    wanted = (share > 0.02) & ((share < 0.995) | (not alongside))
    apart = wanted & (offset - road.half_m > edge - 0.5)
    if apart.sum() < 4:
        return None
    beyond = np.maximum(offset - section.reach_m(side), 0)
    first, second = (beside(path, SIGNS[side] * (offset - beyond * part))[wanted] for part in (0.25, 0.75))
    way = beside(path, SIGNS[side] * offset)
    return SlipRoad(way[wanted], way[apart], (first, second), road)
