"""Town blocks lined with houses wall to wall round a courtyard."""

from __future__ import annotations

import math
from dataclasses import replace

from segrun_train.synthetic.frame import Rect
from segrun_train.synthetic.gardens import plant, strew, wear
from segrun_train.synthetic.houses import build, draw_material
from segrun_train.synthetic.look import shaded
from segrun_train.synthetic.packing import cut_parcels
from segrun_train.synthetic.roof_details import roof_details
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.vehicles import car
from segrun_train.synthetic.world import Building, Ground, Patch, RoofShape


def fill_perimeter(site: Site, block: Rect) -> None:
    """Line a block with town houses, ridge along the street, and use the courtyard inside.

    Args:
        site: receives everything.
        block: the block in street axes.
    """
    look = site.look
    court = look.lawn if site.chance(0.45) else look.paving if site.chance(0.6) else look.gravel
    court = shaded(court, float(site.rng.normal(1, 0.06)))
    site.world.patches.append(Patch(site.frame.outline(block), court))
    depth = min(site.uniform(9, 13), block.depth * 0.36, block.length * 0.36)
    eave = site.uniform(5, 12)
    shape: RoofShape = "gable" if site.chance(0.75) else "flat"
    inner = block.inset(depth + 1)
    built: list[Building] = []
    for t in (block.t0 + depth / 2, block.t1 - depth / 2):
        built += _terrace(site, Rect(block.s0, t, block.s1, t), depth, eave, shape)
    for s in (block.s0 + depth / 2, block.s1 - depth / 2):
        if site.chance(0.75):
            turned = _terrace(site.swapped(), Rect(inner.t0, s, inner.t1, s), depth, eave, shape)
            built += turned
    if inner.length > 8 and inner.depth > 7:
        _fill_court(site, inner, court, built)
    site.world.buildings += built


def _terrace(site: Site, line: Rect, depth: float, eave: float, shape: RoofShape) -> list[Building]:
    found: list[Building] = []
    begin = line.s0
    while begin < line.s1 - 4:
        end = min(begin + site.uniform(6, 16), line.s1)
        end = line.s1 if line.s1 - end < 4 else end
        plot = Rect(begin, line.t0 - depth / 2, end, line.t0 + depth / 2)
        if site.near(plot) and site.chance(0.94):
            found.append(
                _town_house(
                    site, plot, eave + float(site.rng.normal(0, 0.9)), shape if site.chance(0.85) else "flat"
                )
            )
        begin = end
    return found


def _town_house(site: Site, plot: Rect, eave: float, shape: RoofShape) -> Building:
    """Return a house as wide as its plot; a pitched roof's ridge follows the street, however narrow the house."""
    s, t = plot.middle
    place = (*site.frame.place(s, t), site.frame.angle_at(s, t))
    size = (plot.length, plot.depth * site.uniform(0.88, 1.0))
    house = build(site, place, size, "flat", eave, annexe=0.0)
    if shape == "flat":
        return house
    wing = replace(house.wings[0], shape=shape, slope=site.uniform(0.6, 0.95), turned=False)
    material = draw_material(site.look, shape, site.rng)
    return replace(
        house, wings=(wing,), material=material, details=tuple(roof_details(wing, material, site.rng))
    )


def _fill_court(site: Site, inner: Rect, court: Ground, built: list[Building]) -> None:
    for parcel in cut_parcels(site, inner, (6, 13)):
        if not site.near(parcel):
            continue
        outline = site.frame.corners(parcel)
        mine: list[Building] = []
        if site.chance(0.35):
            low: RoofShape = "flat" if site.chance(0.6) else "shed"
            size = (parcel.length * site.uniform(0.5, 0.95), parcel.depth * site.uniform(0.5, 0.95))
            place = (*site.frame.place(*parcel.middle), site.frame.angle_at(*parcel.middle))
            mine.append(build(site, place, size, low, 3.2, annexe=0.1))
        elif site.chance(0.2):
            angle = site.frame.angle + (math.pi / 2 if site.chance(0.5) else 0.0)
            site.world.boxes.append(car(*site.frame.place(*parcel.middle), angle, site.rng))
        built += mine
        wear(site, outline, 1.6 * parcel.ares, court)
        plant(site, outline, site.style.trees_per_are * site.look.lushness * 3 * parcel.ares, mine)
        plant(site, outline, 2 * site.look.lushness * parcel.ares, mine, scale=0.42)
        strew(site, outline, 2.5 * parcel.ares, mine)
