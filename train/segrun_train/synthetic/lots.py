"""Blocks of separate lots: suburban houses with gardens, farms with barns, walled compounds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from segrun_train.synthetic.alleys import keep_off, lay_alley
from segrun_train.synthetic.frame import Rect
from segrun_train.synthetic.gardens import dig_beds, dig_pool, grow_hedge, plant, strew, wear
from segrun_train.synthetic.houses import build, draw_shape
from segrun_train.synthetic.look import blend, shaded
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.vehicles import car
from segrun_train.synthetic.world import Building, Ground, Patch, RoofShape, Stroke

_DRIVE_LAYER = 2


@dataclass(frozen=True)
class LotPlan:
    """Sizes that tell a suburb's lot from a farm's or a compound's; all in metres.

    ``house`` is the range of lengths, ``width`` of widths, ``eave`` of eave heights; ``back`` the probability of
    a building behind the house, ``back_size`` its largest length, ``alley`` the width of the lane behind the lots.
    """

    front: tuple[float, float]
    house: tuple[float, float]
    width: tuple[float, float]
    eave: tuple[float, float]
    setback: tuple[float, float]
    back: float
    back_size: float
    pool: float
    hedge: float
    alley: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Lot:
    """One lot: its rectangle, where its street lies, and which way is away from it (+1 or -1 along t)."""

    rect: Rect
    street_t: float
    inward: float

    def depth_at(self, metres: float) -> float:
        """Return t that far behind the street."""
        return self.street_t + self.inward * metres


SUBURB = LotPlan((13, 22), (9.5, 16), (8, 12), (2.8, 6), (2.5, 8), 0.6, 6.5, 0.07, 0.4)
FARM = LotPlan((18, 34), (11, 22), (8, 12), (2.8, 5.5), (1, 7), 0.9, 26, 0.02, 0.35)
ALLEYS = LotPlan((8, 12.5), (6.2, 10), (11, 21), (4, 8.5), (3.5, 8), 0.82, 7.5, 0.03, 0.12, (3.4, 6.0))
COMPOUND = LotPlan((14, 30), (8, 17), (6, 12), (2.8, 6), (2, 7), 0.7, 12, 0.02, 0.25)


def fill_lots(site: Site, block: Rect, plan: LotPlan) -> None:
    """Cut a block into lots on both long sides and build on each.

    Args:
        site: receives everything.
        block: the block in street axes, its longer side along s.
        plan: sizes of lots and houses.
    """
    half = (block.t0 + block.t1) / 2
    narrow = site.uniform(*plan.alley) / 2 if plan.alley[1] else 0.0
    rows = [(block.t0, half - narrow, 1.0), (block.t1, half + narrow, -1.0)]
    if narrow:
        lay_alley(site, block, narrow)
    elif block.depth < 34:
        rows = [(block.t0, block.t1, 1.0)] if site.chance(0.5) else [(block.t1, block.t0, -1.0)]
    alike = draw_shape(site.style, site.rng)
    crosswise = site.chance(0.35)
    for street_t, back_t, inward in rows:
        at = block.s0
        while at < block.s1 - plan.front[0] * 0.6:
            end = min(at + site.uniform(*plan.front), block.s1)
            if block.s1 - end < plan.front[0] * 0.6:
                end = block.s1
            lot = Lot(Rect(at, min(street_t, back_t), end, max(street_t, back_t)), street_t, inward)
            shape = alike if site.chance(0.6) else draw_shape(site.style, site.rng)
            if site.near(lot.rect):
                _fill_lot(site, lot, shape, plan, crosswise=crosswise)
            at = end


def _fill_lot(site: Site, lot: Lot, shape: RoofShape, plan: LotPlan, *, crosswise: bool) -> None:
    outline = site.frame.outline(lot.rect)
    ground = _lot_ground(site)
    site.world.patches.append(Patch(outline, ground))
    side = 1.0 if site.chance(0.5) else -1.0
    buildings = _build_house(site, lot, shape, plan, side, crosswise=crosswise) if site.chance(0.96) else []
    if site.chance(plan.back):
        buildings.append(_build_behind(site, lot, side, plan))
    if plan.alley[1]:
        back_t = lot.depth_at(lot.rect.depth)
        buildings = [kept for house in buildings for kept in keep_off(site, lot.rect, back_t, house)]
    site.world.buildings += buildings
    _use_rear(site, lot, side, plan)
    _enclose(site, lot.rect, plan)
    ares, dense = lot.rect.ares, site.style.trees_per_are * site.look.lushness
    wear(site, outline, 2.2 * ares, ground)
    plant(site, outline, 1.3 * dense * ares, buildings)
    plant(site, outline, 2.2 * site.look.lushness * ares, buildings, scale=0.42)
    strew(site, outline, 1.6 * ares, buildings)


def _build_house(
    site: Site, lot: Lot, shape: RoofShape, plan: LotPlan, side: float, *, crosswise: bool
) -> list[Building]:
    rect = lot.rect
    setback = min(site.uniform(*plan.setback), rect.depth * 0.3)
    length = min(site.uniform(*plan.house), rect.length - 2.5)
    width = min(site.uniform(*plan.width), rect.depth - setback - 2)
    if crosswise and length < rect.depth * 0.5 and width < rect.length - 2.5:
        length, width = width, length
    s = rect.middle[0] + site.uniform(-0.5, 0.5) * max(0.0, rect.length - length - 2.5)
    t = lot.depth_at(setback + width / 2)
    angle = site.frame.angle_at(s, t) + float(site.rng.normal(0, 0.03))
    house = build(
        site,
        (*site.frame.place(s, t), angle),
        (length, width),
        shape,
        site.uniform(*plan.eave),
    )
    _lay_drive(site, lot, s + side * (length / 2 + 1.2), setback)
    if site.chance(0.7):
        end = t + lot.inward * (width / 2 + site.uniform(1.5, 4))
        terrace = Rect(s - length * site.uniform(0.2, 0.5), t, s + length * site.uniform(0.1, 0.45), end)
        ground = shaded(site.look.paving, float(site.rng.normal(1, 0.08)))
        site.world.patches.append(Patch(site.frame.corners(terrace), ground, _DRIVE_LAYER))
    return [house]


def _build_behind(site: Site, lot: Lot, side: float, plan: LotPlan) -> Building:
    rect = lot.rect
    length = min(site.uniform(2.5, plan.back_size), rect.length - 2)
    width = min(site.uniform(2.4, max(3.0, min(plan.back_size * 0.5, 11))), max(2.4, rect.depth * 0.3))
    s = rect.s0 + length / 2 + 0.8 if side < 0 else rect.s1 - length / 2 - 0.8
    t = lot.depth_at(rect.depth - width / 2 - site.uniform(0.6, 3))
    shape: RoofShape = "gable" if length > 6 and site.chance(0.7) else "flat" if site.chance(0.5) else "shed"
    angle = site.frame.angle_at(s, t) + float(site.rng.normal(0, 0.04))
    return build(
        site,
        (*site.frame.place(s, t), angle),
        (length, width),
        shape,
        site.uniform(2.0, 3.4),
        annexe=0.05,
    )


def _lot_ground(site: Site) -> Ground:
    look = site.look
    bare = 0.6 if site.style.name == "informal" else 0.1
    ground = look.soil if site.chance(bare) else look.lawn if site.chance(0.7) else look.rough
    return shaded(ground, float(site.rng.normal(1, 0.08)))


def _lay_drive(site: Site, lot: Lot, wanted_s: float, setback: float) -> None:
    width = site.uniform(2.6, 4.5)
    s = min(max(wanted_s, lot.rect.s0 + width / 2), lot.rect.s1 - width / 2)
    reach = setback + site.uniform(0, 9)
    drive = Rect(s - width / 2, lot.depth_at(-0.3), s + width / 2, lot.depth_at(reach))
    look = site.look
    tar = Ground(blend(look.asphalt.colour, (120, 118, 114), 0.3), look.asphalt.other, 0.4, 4)
    ground = look.paving if site.chance(0.55) else look.gravel if site.chance(0.6) else tar
    site.world.patches.append(
        Patch(site.frame.corners(drive), shaded(ground, float(site.rng.normal(1, 0.06))), _DRIVE_LAYER)
    )
    if setback > 4.5 and site.chance(0.45):
        t = lot.depth_at(max(2.6, reach - 3.2))
        angle = site.frame.angle_at(s, t) + math.pi / 2 + float(site.rng.normal(0, 0.04))
        site.world.boxes.append(car(*site.frame.place(s, t), angle, site.rng))


def _use_rear(site: Site, lot: Lot, side: float, plan: LotPlan) -> None:
    s = lot.rect.middle[0] - side * lot.rect.length * 0.2
    t = lot.depth_at(lot.rect.depth * site.uniform(0.68, 0.85))
    angle = site.frame.angle_at(s, t)
    if site.chance(plan.pool):
        dig_pool(site, *site.frame.place(s, t), angle)
    elif site.chance(0.25):
        dig_beds(site, *site.frame.place(s, t), angle)


def _enclose(site: Site, rect: Rect, plan: LotPlan) -> None:
    inner = rect.inset(0.4)
    edges = (
        ((inner.s0, inner.t0), (inner.s0, inner.t1)), ((inner.s1, inner.t0), (inner.s1, inner.t1)),
        ((inner.s0, inner.t0), (inner.s1, inner.t0)), ((inner.s0, inner.t1), (inner.s1, inner.t1)),
    )  # fmt: skip
    for start, end in edges:
        draw = float(site.rng.random())
        if draw < plan.hedge:
            gap = site.uniform(0, 0.4)
            begin = (start[0] + (end[0] - start[0]) * gap, start[1] + (end[1] - start[1]) * gap)
            grow_hedge(site, site.frame.line(begin, end, 10.0))
        elif draw < 0.75:
            wall = (206.0, 196.0, 180.0) if site.chance(0.4) else (112.0, 100.0, 86.0)
            site.world.strokes.append(
                Stroke(site.frame.line(start, end, 10.0), site.uniform(0.12, 0.3), wall)
            )
