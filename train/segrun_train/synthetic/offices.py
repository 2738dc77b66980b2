"""Offices, schools and flats under flat roofs: bars, angles and rings round courts, with lawns and car parks."""

from __future__ import annotations

from dataclasses import replace

from segrun_train.synthetic.flat_roofs import terrace
from segrun_train.synthetic.frame import Rect
from segrun_train.synthetic.gardens import grow_hedge, plant, strew, wear
from segrun_train.synthetic.halls import flat_block, upper_storey
from segrun_train.synthetic.look import shaded
from segrun_train.synthetic.markings import mark_lanes
from segrun_train.synthetic.packing import cut_parcels
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.world import Building, Ground, Patch, Wing
from segrun_train.synthetic.yards import SLAB_LAYER, line_bays, tar

_PARCEL_M = (34.0, 92.0)


def fill_offices(site: Site, block: Rect) -> None:
    """Cut a block into grounds and set a flat-roofed building on nearly each.

    Args:
        site: receives everything.
        block: the block in street axes.
    """
    for parcel in cut_parcels(site, block, _PARCEL_M):
        if not site.near(parcel):
            continue
        outline = site.frame.corners(parcel)
        ground = _ground(site)
        site.world.patches.append(Patch(outline, ground))
        margins = site.uniform(3, 19), site.uniform(2, 9), site.uniform(2, 8), site.uniform(2, 8)
        rect = Rect(
            parcel.s0 + margins[2], parcel.t0 + margins[0], parcel.s1 - margins[3], parcel.t1 - margins[1]
        )
        built: list[Building] = []
        if min(rect.length, rect.depth) > 9 and site.chance(0.88):
            # A roof may look like a yard; like a lawn it would be a meadow.
            built = _raise(site, rect, site.look.asphalt)
            site.world.buildings += built
        _lay_out(site, parcel, rect, built)
        ares = parcel.ares
        wear(site, outline, 0.6 * ares, ground)
        strew(site, outline, 0.4 * ares, built)
        grown = site.look.lushness * site.style.trees_per_are
        plant(site, outline, 2.2 * grown * ares, built, scale=1.1)
        plant(site, outline, 5 * grown * ares, built, scale=0.42)


def _ground(site: Site) -> Ground:
    if site.chance(0.45):
        return shaded(
            site.look.lawn if site.chance(0.7) else site.look.rough, float(site.rng.normal(1, 0.07))
        )
    return tar(site)


def _raise(site: Site, rect: Rect, ground: Ground) -> list[Building]:
    s, t = rect.middle
    place = (*site.frame.place(s, t), site.frame.angle_at(s, t))
    eave = site.uniform(5, 14)
    wings, court = _wings(site, rect, eave)
    if court is not None:
        _plant_court(site, court)
    below = flat_block(site, place, wings, ground)
    if site.chance(0.3):
        below = replace(below, details=(*terrace(wings[0], site.rng), *below.details))
    found = [below, *(upper_storey(site, below, ground) for _ in range(int(site.rng.integers(0, 3))))]
    if court is not None:
        plant(site, site.frame.corners(court), 3 * site.look.lushness * court.ares, found)
        plant(site, site.frame.corners(court), 8 * site.look.lushness * court.ares, found, scale=0.4)
    return found


def _wings(site: Site, rect: Rect, eave: float) -> tuple[tuple[Wing, ...], Rect | None]:
    """Draw the plan: a ring with its court, a bar, an angle or a comb; a small ground carries a plain block."""
    half_along, half_across = rect.length / 2, rect.depth / 2
    width = site.uniform(4.5, 9.5)  # half the depth of a wing
    kind = float(site.rng.random())
    if min(half_along, half_across) < 1.6 * width or kind < 0.22:
        chamfer = site.uniform(2, 0.9 * min(half_along, half_across)) if site.chance(0.2) else 0.0
        return (Wing(0, 0, half_along, half_across, "flat", eave, 0.0, chamfer_m=chamfer),), None
    if kind < 0.4:
        thin = min(half_across, width * 1.2)
        return (
            Wing(0, site.uniform(-1, 1) * (half_across - thin), half_along, thin, "flat", eave, 0.0),
        ), None
    lower = eave if site.chance(0.6) else eave * site.uniform(0.5, 0.95)
    chamfer = site.uniform(2, 1.6 * width) if site.chance(0.3) else 0.0
    sides = [
        Wing(0, side * (half_across - width), half_along, width, "flat", eave, 0.0, chamfer_m=chamfer)
        for side in (-1, 1)
    ]
    ends = [
        Wing(side * (half_along - width), 0, width, half_across, "flat", lower, 0.0, chamfer_m=chamfer)
        for side in (-1, 1)
    ]
    court = Rect(rect.s0 + 2 * width, rect.t0 + 2 * width, rect.s1 - 2 * width, rect.t1 - 2 * width)
    whole = min(court.length, court.depth) > 4
    if kind < 0.72:
        return (*sides, *ends), court if whole else None
    if kind < 0.86:
        return (sides[0], ends[0]), None
    return (sides[0], *ends), court if whole else None


def _plant_court(site: Site, court: Rect) -> None:
    look = site.look
    outline = site.frame.corners(court.inset(-1.0))
    base = look.lawn if site.chance(0.5) else look.paving if site.chance(0.5) else look.rough
    site.world.patches.append(Patch(outline, shaded(base, float(site.rng.normal(1, 0.08))), SLAB_LAYER))
    if site.chance(0.5):
        inner = court.inset(min(court.length, court.depth) * site.uniform(0.2, 0.4))
        other = look.paving if base is not look.paving else look.lawn
        site.world.patches.append(Patch(site.frame.corners(inner), other, SLAB_LAYER + 1))
    strew(site, outline, 2.0 * court.ares, [])


def _lay_out(site: Site, parcel: Rect, rect: Rect, built: list[Building]) -> None:
    """Use the ground before the building: bays on paving, paths, hedges."""
    front = Rect(parcel.s0 + 1, parcel.t0 + 0.5, parcel.s1 - 1, rect.t0 - 0.5) if built else parcel.inset(2)
    if front.depth > 5.2 and site.chance(0.65):
        site.world.patches.append(Patch(site.frame.corners(front), tar(site), SLAB_LAYER))
        line_bays(site, front.inset(0.2))
    elif front.depth > 4 and site.chance(0.5):
        site.world.patches.append(Patch(site.frame.corners(front), tar(site), SLAB_LAYER))
        mark_lanes(site, front.inset(1.2))
    if site.chance(0.5):
        s = site.uniform(rect.s0, rect.s1)
        path = Rect(s, parcel.t0, s + site.uniform(1.5, 4), parcel.t1)
        site.world.patches.append(Patch(site.frame.corners(path), site.look.paving, SLAB_LAYER))
    for edge in (parcel.t0 + 0.5, parcel.t1 - 0.5):
        if site.chance(0.3):
            grow_hedge(site, site.frame.line((parcel.s0 + 1, edge), (parcel.s1 - 1, edge), 10.0))
