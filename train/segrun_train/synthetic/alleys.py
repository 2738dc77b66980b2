"""Back lanes: narrow roads through the middle of a block, between the garages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from segrun_train.synthetic.corridors import footprint
from segrun_train.synthetic.frame import Rect
from segrun_train.synthetic.gardens import strew
from segrun_train.synthetic.look import blend, shaded
from segrun_train.synthetic.paths import ribbon
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.streets import ROAD_LAYER
from segrun_train.synthetic.vehicles import car
from segrun_train.synthetic.world import ROAD, Building, Ground, Patch

_GAP_M = 0.3


def lay_alley(site: Site, block: Rect, half_m: float) -> None:
    """Lay a back lane along s through a block, out to the streets at both ends.

    Args:
        site: receives it.
        block: the block in street axes.
        half_m: half the lane's width, metres.
    """
    look, middle, reach = site.look, block.middle[1], site.style.walk_m + 0.5
    path = site.frame.line((block.s0 - reach, middle), (block.s1 + reach, middle))
    kind = float(site.rng.random())
    if kind < 0.6:
        colour, other = (
            blend(look.paving.colour, look.asphalt.colour, site.uniform(0, 0.7)),
            look.asphalt.other,
        )
        ground = Ground(colour, other, 0.6, 5, class_index=ROAD)
    else:
        ground = look.asphalt if kind < 0.92 else look.dirt_road
    ground = shaded(ground, float(site.rng.normal(0.97, 0.06)))
    site.world.patches.append(Patch(ribbon(path, half_m), ground, ROAD_LAYER))
    for side in (-1.0, 1.0):
        edge = middle + side * (half_m + 0.5)
        strip = Rect(block.s0, min(edge, edge - side * 0.7), block.s1, max(edge, edge - side * 0.7))
        strew(site, site.frame.corners(strip), 0.06 * block.length, [])
    for _ in range(int(site.rng.poisson(block.length / 90))):
        s, side = site.uniform(block.s0, block.s1), 1 if site.chance(0.5) else -1
        place = site.frame.place(s, middle + side * (half_m - 0.7))
        site.world.boxes.append(car(*place, site.frame.angle_at(s, middle), site.rng))


def keep_off(site: Site, lot: Rect, back_t: float, building: Building) -> list[Building]:
    """Return a building as it stands off the lane behind its lot: without its annexe if need be, or none.

    Args:
        site: where the lot lies.
        lot: the lot in street axes.
        back_t: where its lane begins; the lot lies between it and the street.
        building: what is to stand there.
    """
    inward = 1.0 if back_t > lot.middle[1] else -1.0
    edge = back_t - inward * _GAP_M
    start, end = (np.array(site.frame.place(s, edge)) for s in (lot.s0, lot.s1))
    away = np.array(site.frame.place(lot.middle[0], edge - inward)) - (start + end) / 2
    along = (end - start) / np.hypot(*(end - start))
    away -= (away @ along) * along
    alone = replace(building, wings=building.wings[:1])
    return [kept for kept in (building, alone) if ((footprint(kept) - start) @ away).min() >= 0][:1]
