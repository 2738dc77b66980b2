"""From a seed to a world: a settlement is laid out in metres before a single pixel is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from segrun_train.synthetic.frame import Rect, draw_frame
from segrun_train.synthetic.grids import cut_grid, plant_kerbs
from segrun_train.synthetic.halls import fill_halls
from segrun_train.synthetic.look import Look
from segrun_train.synthetic.lots import ALLEYS, COMPOUND, FARM, SUBURB, fill_lots
from segrun_train.synthetic.motorways import lay_motorway
from segrun_train.synthetic.offices import fill_offices
from segrun_train.synthetic.open_land import grow_wood, lay_car_park, lay_fields, lay_park, lay_parking
from segrun_train.synthetic.packing import SHACKS, TOWN, fill_packed
from segrun_train.synthetic.site import MARGIN_M, Site
from segrun_train.synthetic.streets import cut_blocks, lay_street
from segrun_train.synthetic.style import Style
from segrun_train.synthetic.terraces import fill_perimeter
from segrun_train.synthetic.world import World

_OPEN: dict[str, Callable[[Site, Rect], None]] = {
    "field": lay_fields,
    "park": lay_park,
    "wood": grow_wood,
    "car park": lay_car_park,
    "parking": lay_parking,
}
_BUILT: dict[str, Callable[[Site, Rect], None]] = {
    "lots": lambda site, block: fill_lots(site, block, SUBURB),
    "alleys": lambda site, block: fill_lots(site, block, ALLEYS),
    "farms": lambda site, block: fill_lots(site, block, FARM),
    "compounds": lambda site, block: fill_lots(site, block, COMPOUND),
    "packed": lambda site, block: fill_packed(site, block, TOWN),
    "shacks": lambda site, block: fill_packed(site, block, SHACKS),
    "halls": fill_halls,
    "perimeter": fill_perimeter,
    "offices": fill_offices,
}


def plan_world(height_m: float, width_m: float, style: Style, look: Look, seed: int) -> World:
    """Lay out streets, blocks and everything in them over a scene and a margin around it.

    Args:
        height_m: the scene's extent down, metres.
        width_m: the scene's extent to the right, metres.
        style: kind of settlement.
        look: materials and colours.
        seed: chooses the plan; one seed always gives the same.
    Returns:
        the world; things far outside the scene are left out.
    """
    rng = np.random.default_rng([seed, 1])
    frame = draw_frame(height_m / 2, width_m / 2, style.bend, rng)
    half = math.hypot(height_m, width_m) / 2 + MARGIN_M + frame.bend_m + style.block_m[1]
    shift_s, shift_t = rng.uniform(-0.5, 0.5, 2) * style.block_m[1]
    area = Rect(shift_s - half, shift_t - half, shift_s + half, shift_t + half)
    if style.grid:
        # One side of town has halls, another houses: blocks of one scene are alike.
        style = replace(style, uses={use: weight * rng.gamma(0.7) for use, weight in style.uses.items()})
    streets, blocks = (cut_grid if style.grid else cut_blocks)(area, style, rng)
    world = World()
    site = Site(world, frame, style, look, rng, height_m, width_m)
    for index, street in enumerate(streets):
        if site.meets(frame.line(street.start, street.end, 20.0)):
            there = replace(site, rng=np.random.default_rng([seed, 2, index]))
            lay_street(there, street)
            if style.grid:
                plant_kerbs(there, street, streets)
    for index, block in enumerate(blocks):
        if site.meets(frame.outline(block)):
            _fill(replace(site, rng=np.random.default_rng([seed, 3, index])), block)
    if style.motorway:
        lay_motorway(replace(site, rng=np.random.default_rng([seed, 4])), streets)
    world.patches.sort(key=lambda patch: patch.layer)
    world.buildings.sort(key=lambda building: building.eave_m)
    world.trees.sort(key=lambda tree: tree.height_m)
    return world


def _fill(site: Site, block: Rect) -> None:
    uses = dict(site.style.uses)
    if block.s0 < 0 < block.s1 and block.t0 < 0 < block.t1:
        # A small scene must not be all meadow: what lies at its middle is built on.
        uses = {use: weight for use, weight in uses.items() if use in _BUILT}
    if min(block.length, block.depth) < 9:
        uses = {"park": 1.0, "car park": 0.5}
    weights = np.array(list(uses.values()))
    use = list(uses)[int(site.rng.choice(len(weights), p=weights / weights.sum()))]
    if block.depth > block.length:
        # Lots and bays run along the longer side.
        site, block = site.swapped(), block.transposed()
    (_BUILT | _OPEN)[use](site, block)
