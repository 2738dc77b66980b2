"""Trade estates: halls of 20 to 120 metres on paved yards, with docks, car parks and stores round them."""

from __future__ import annotations

from dataclasses import replace

from segrun_train.synthetic.flat_roofs import furnish, weather
from segrun_train.synthetic.frame import Rect
from segrun_train.synthetic.gardens import strew, wear
from segrun_train.synthetic.houses import build, draw_material
from segrun_train.synthetic.look import blend
from segrun_train.synthetic.markings import mark_lanes
from segrun_train.synthetic.packing import cut_parcels
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.world import Building, Ground, Patch, RoofMaterial, Tint, Wing
from segrun_train.synthetic.yards import (
    dock_lorries,
    green_strip,
    lay_track,
    line_bays,
    stack_goods,
    stand_lorry,
    tar,
)

_PARCEL_M = (34.0, 125.0)


def fill_halls(site: Site, block: Rect) -> None:
    """Cut a block into yards and build a hall on nearly each.

    Args:
        site: receives everything.
        block: the block in street axes.
    """
    ground = tar(site)
    site.world.patches.append(Patch(site.frame.outline(block), ground))
    if block.depth > 60 and site.chance(0.15):
        track = Rect(block.s0, block.t1 - 6, block.s1, block.t1)
        lay_track(site, track)
        block = replace(block, t1=track.t0)
    for parcel in cut_parcels(site, block.inset(1.0), _PARCEL_M):
        if not site.near(parcel):
            continue
        outline = site.frame.corners(parcel)
        if site.chance(0.35):
            site.world.patches.append(Patch(outline, tar(site), 1))
        wear(site, outline, 0.25 * parcel.ares, ground)
        strew(site, outline, 0.25 * parcel.ares, [])
        margins = site.uniform(4, 23), site.uniform(1, 14), site.uniform(1, 8), site.uniform(1, 8)
        hall = Rect(
            parcel.s0 + margins[2], parcel.t0 + margins[0], parcel.s1 - margins[3], parcel.t1 - margins[1]
        )
        if min(hall.length, hall.depth) < 11 or site.chance(0.1):
            _use_yard(site, parcel)
            continue
        site.world.buildings += build_hall(site, hall, ground)
        _use_side(site, Rect(hall.s0, parcel.t0, hall.s1, hall.t0), hall.t0, -1.0)
        _use_side(site, Rect(hall.s0, hall.t1, hall.s1, parcel.t1), hall.t1, 1.0)
        for end in (
            Rect(parcel.s0, parcel.t0, hall.s0, parcel.t1),
            Rect(hall.s1, parcel.t0, parcel.s1, parcel.t1),
        ):
            if end.length > 5.2 and site.chance(0.6):
                line_bays(site, end)
            elif end.length > 2 and site.chance(0.4):
                green_strip(site, end.inset(0.4))


def build_hall(site: Site, rect: Rect, ground: Ground) -> list[Building]:
    """Draw one hall with what leans on it and stands on it.

    Args:
        site: its materials and dice.
        rect: its outline in street axes.
        ground: what lies round it; some roofs have nearly its colour.
    """
    s, t = rect.middle
    place = (*site.frame.place(s, t), site.frame.angle_at(s, t))
    eave = site.uniform(4.5, 12)
    kind = float(site.rng.random())
    if kind < 0.62:
        hall = flat_block(site, place, _flat_wings(site, rect, eave), ground)
    else:
        hall = _sheet_hall(site, place, rect, eave, kind)
    found = [hall]
    if hall.wings[0].shape == "flat" and site.chance(0.3):
        found.append(upper_storey(site, hall, ground))
    if site.chance(0.3):
        found.append(_annexe(site, rect, eave, ground))
    return found


def flat_block(
    site: Site, place: tuple[float, float, float], wings: tuple[Wing, ...], ground: Ground
) -> Building:
    """Draw a flat-roofed building: parapet, patches, machines; some roofs have nearly the colour of the ground."""
    rng = site.rng
    material = draw_material(site.look, "flat", rng)
    if site.chance(0.35):
        share = site.uniform(0.5, 1.0)
        material = replace(
            material,
            colour=blend(material.colour, ground.colour, share),
            other=blend(material.other, ground.other, share),
        )
    material = replace(material, rim=float(rng.choice([0.7, 0.9, 1.1, 1.25, 1.45])))
    long = max(wings, key=lambda wing: wing.half_along * wing.half_across)
    shell = build(site, place, (2 * long.half_along, 2 * long.half_across), "flat", long.eave_m, annexe=0.0)
    details, tints = furnish(wings[0], rng), weather(wings[0], rng)
    for wing in wings[1:]:
        tints += weather(wing, rng)
        details += furnish(wing, rng)[:40]
    parapet = site.uniform(0.3, 1.1) if site.chance(0.85) else 0.0
    return replace(
        shell, wings=wings, material=material, details=tuple(details), tints=tuple(tints), parapet_m=parapet
    )


def upper_storey(site: Site, below: Building, ground: Ground) -> Building:
    """Draw a smaller storey that stands on a flat roof."""
    wing = below.wings[0]
    half_along = wing.half_along * site.uniform(0.18, 0.7)
    half_across = wing.half_across * site.uniform(0.25, 0.75)
    along = wing.along + site.uniform(-0.85, 0.85) * (wing.half_along - half_along)
    across = wing.across + site.uniform(-0.85, 0.85) * (wing.half_across - half_across)
    top = Wing(along, across, half_along, half_across, "flat", wing.eave_m + site.uniform(2.4, 4), 0.0)
    upper = flat_block(site, (below.row, below.col, below.angle), (top,), ground)
    return replace(upper, base_m=wing.eave_m)


def _flat_wings(site: Site, rect: Rect, eave: float) -> tuple[Wing, ...]:
    half_along, half_across = rect.length / 2, rect.depth / 2
    chamfer = site.uniform(3, 0.8 * min(half_along, half_across)) if site.chance(0.12) else 0.0
    if site.chance(0.7):
        return (Wing(0, 0, half_along, half_across, "flat", eave, 0.0, chamfer_m=chamfer),)
    # An L: two wings of different height that overlap.
    depth, length = half_across * site.uniform(0.35, 0.75), half_along * site.uniform(0.25, 0.6)
    side, end = (1 if site.chance(0.5) else -1), (1 if site.chance(0.5) else -1)
    return (
        Wing(0, side * (half_across - depth), half_along, depth, "flat", eave, 0.0),
        Wing(end * (half_along - length), 0, length, half_across, "flat", eave * site.uniform(0.7, 1.0), 0.0),
    )


def _sheet_hall(
    site: Site, place: tuple[float, float, float], rect: Rect, eave: float, kind: float
) -> Building:
    """Draw a hall under metal: one gable, several side by side, or a saw with glass in its teeth."""
    rng = site.rng
    half_along, half_across = rect.length / 2, rect.depth / 2
    turned = half_across > half_along
    tints: list[Tint] = []
    wings: tuple[Wing, ...]
    if kind < 0.76:
        slope = site.uniform(0.04, 0.2)
        wings = (Wing(0, 0, half_along, half_across, "gable", eave, slope, turned=turned),)
        tints = _light_sheets(site, wings[0])
    elif kind < 0.88:
        count = min(7, max(2, round(2 * half_across / site.uniform(9, 20))))
        half = half_across / count
        slope = site.uniform(0.1, 0.4)
        wings = tuple(
            Wing(
                0,
                (2 * index + 1 - count) * half,
                half_along,
                half + 0.05,
                "gable",
                eave,
                slope,
                turned=half > half_along,
            )
            for index in range(count)
        )
    else:
        tooth, slope = site.uniform(4.5, 11), site.uniform(0.2, 0.5)
        wings = (Wing(0, 0, half_along, half_across, "saw", eave, slope, turned=not turned, tooth_m=tooth),)
        tints = _saw_glass(site, wings[0])
    shell = build(site, place, (rect.length, rect.depth), "gable", eave, annexe=0.0)
    return replace(shell, wings=wings, material=ribbed(site, shell.material), details=(), tints=tuple(tints),
                   parapet_m=float(rng.choice([0.0, 0.0, 0.5])))  # fmt: skip


def ribbed(site: Site, material: RoofMaterial) -> RoofMaterial:
    """Return a metal covering with upright seams of its own width and contrast."""
    return replace(
        material, seam_m=site.uniform(0.5, 1.6), rib=site.uniform(0.0, 0.09), rim=site.uniform(0.8, 1.3)
    )


def _light_sheets(site: Site, wing: Wing) -> list[Tint]:
    """Bands of clear sheets down the slope."""
    if site.chance(0.5):
        return []
    step, factor = (
        site.uniform(5, 12),
        site.uniform(1.12, 1.4) if site.chance(0.7) else site.uniform(0.6, 0.85),
    )
    long, wide = (wing.half_across, wing.half_along) if wing.turned else (wing.half_along, wing.half_across)
    reach = wide * site.uniform(0.25, 0.4)
    found = []
    for index in range(min(20, int(2 * long / step))):
        along = -long + step * (index + 0.5)
        for across in (-wide / 2, wide / 2):
            at, half = ((across, along), (reach, 0.55)) if wing.turned else ((along, across), (0.55, reach))
            found.append(Tint(*at, *half, factor))
    return found


def _saw_glass(site: Site, wing: Wing) -> list[Tint]:
    """The glazed upright side of each tooth, dark or pale."""
    factor = site.uniform(0.35, 0.7) if site.chance(0.7) else site.uniform(1.15, 1.35)
    half = wing.tooth_m * site.uniform(0.06, 0.14)
    wide, long = (wing.half_along, wing.half_across) if wing.turned else (wing.half_across, wing.half_along)
    found = []
    for index in range(1, int(2 * wide / wing.tooth_m) + 1):
        at = -wide + index * wing.tooth_m - half
        found.append(Tint(at, 0, half, long, factor) if wing.turned else Tint(0, at, long, half, factor))
    return found


def _annexe(site: Site, rect: Rect, eave: float, ground: Ground) -> Building:
    """An office or a store against one long side, lower or higher than the hall."""
    side = -1 if site.chance(0.5) else 1
    length, depth = rect.length * site.uniform(0.2, 0.8), site.uniform(4, 9)
    s = rect.middle[0] + site.uniform(-0.5, 0.5) * (rect.length - length)
    t = (rect.t0 if side < 0 else rect.t1) + side * (depth / 2 - 0.6)
    place = (*site.frame.place(s, t), site.frame.angle_at(s, t))
    height = max(3.0, eave + site.uniform(-4, 3))
    return flat_block(site, place, (Wing(0, 0, length / 2, depth / 2, "flat", height, 0.0),), ground)


def _use_side(site: Site, side: Rect, wall_t: float, away: float) -> None:
    """Use the yard along one long wall: docks, bays, goods, lanes or green."""
    if side.depth > 15 and site.chance(0.5):
        start = side.s0 + side.length * site.uniform(0, 0.4)
        dock_lorries(
            site, Rect(start, wall_t, start + (side.s1 - start) * site.uniform(0.5, 1), wall_t), away
        )
    elif side.depth > 5.2 and site.chance(0.6):
        line_bays(site, Rect(side.s0, side.t0 + 0.2, side.s1, side.t1 - 0.2))
    elif side.depth > 4 and site.chance(0.4):
        start = site.uniform(side.s0, side.s1)
        stack_goods(
            site, Rect(start, side.t0 + 0.5, min(side.s1, start + site.uniform(6, 26)), side.t1 - 0.5)
        )
    elif side.depth > 6 and site.chance(0.4):
        mark_lanes(site, side.inset(1.5))
    elif side.depth > 2 and site.chance(0.4):
        green_strip(site, side.inset(0.6))


def _use_yard(site: Site, parcel: Rect) -> None:
    """Use a whole parcel as car park, lorry park or store."""
    inner = parcel.inset(2)
    kind = float(site.rng.random())
    if kind < 0.45:
        line_bays(site, inner)
    elif kind < 0.7:
        for _ in range(int(site.rng.poisson(0.25 * inner.ares))):
            s, t = site.uniform(inner.s0, inner.s1), site.uniform(inner.t0, inner.t1)
            stand_lorry(site, s, t, *((s, t + 1) if site.chance(0.5) else (s + 1, t)))
        mark_lanes(site, inner)
    else:
        stack_goods(site, replace(inner, s1=inner.s0 + inner.length * site.uniform(0.3, 1)))
