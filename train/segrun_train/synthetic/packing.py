"""Blocks where buildings stand wall to wall or fill their parcels: packed quarters, shacks."""

from __future__ import annotations

from dataclasses import dataclass

from segrun_train.synthetic.frame import Rect
from segrun_train.synthetic.gardens import plant, strew, wear
from segrun_train.synthetic.houses import build, draw_shape
from segrun_train.synthetic.look import shaded
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.world import Ground, Patch


@dataclass(frozen=True)
class Packing:
    """How tightly parcels are built on; metres.

    ``parcel`` is the range of parcel sides, ``gap`` of the space left free at each side, ``eave`` of eave heights,
    ``empty`` the probability that a parcel stays a yard, ``turn`` how far buildings stand askew (radians),
    ``storey`` the probability that a flat roof carries a smaller upper storey, ``junk`` things per 100 m2 of yard.
    """

    parcel: tuple[float, float]
    gap: tuple[float, float]
    eave: tuple[float, float]
    empty: float
    turn: float
    storey: float
    junk: float


TOWN = Packing((7.5, 15), (0.0, 1.6), (4, 13), 0.16, 0.02, 0.45, 2.0)
SHACKS = Packing((4.5, 11), (0.1, 1.3), (2.3, 3.8), 0.22, 0.09, 0.15, 4.0)


def fill_packed(site: Site, block: Rect, packing: Packing) -> None:
    """Cut a block into parcels and build on nearly all.

    Args:
        site: receives everything.
        block: the block in street axes.
        packing: how tightly.
    """
    yard = _yard(site)
    site.world.patches.append(Patch(site.frame.outline(block), yard))
    for parcel in cut_parcels(site, block, packing.parcel):
        if not site.near(parcel):
            continue
        outline = site.frame.corners(parcel)
        wear(site, outline, 0.8 * parcel.ares, yard)
        strew(site, outline, packing.junk * parcel.ares, [])
        if not site.chance(packing.empty):
            _build_parcel(site, parcel, packing)
        else:
            _leave_garden(site, parcel)


def cut_parcels(site: Site, block: Rect, side: tuple[float, float]) -> list[Rect]:
    """Cut a rectangle into parcels whose sides lie about within the given range."""
    parcels, waiting = [], [block]
    while waiting:
        rect = waiting.pop()
        longest = max(rect.length, rect.depth)
        if longest <= site.uniform(side[0] * 1.15, side[1]) or longest < 2 * side[0]:
            parcels.append(rect)
            continue
        share = site.uniform(0.36, 0.64)
        if rect.length >= rect.depth:
            at = rect.s0 + rect.length * share
            waiting += [Rect(rect.s0, rect.t0, at, rect.t1), Rect(at, rect.t0, rect.s1, rect.t1)]
        else:
            at = rect.t0 + rect.depth * share
            waiting += [Rect(rect.s0, rect.t0, rect.s1, at), Rect(rect.s0, at, rect.s1, rect.t1)]
    return parcels


def _build_parcel(site: Site, parcel: Rect, packing: Packing) -> None:
    left, top, right, bottom = (site.uniform(*packing.gap) for _ in range(4))
    ground = Rect(parcel.s0 + left, parcel.t0 + top, parcel.s1 - right, parcel.t1 - bottom)
    if min(ground.length, ground.depth) < 2.2:
        return
    s, t = ground.middle
    angle = site.frame.angle_at(s, t) + packing.turn * float(site.rng.normal())
    shape = draw_shape(site.style, site.rng)
    eave, size = site.uniform(*packing.eave), (ground.length, ground.depth)
    place = (*site.frame.place(s, t), angle)
    site.world.buildings.append(build(site, place, size, shape, eave, annexe=0.0))
    if shape == "flat" and site.chance(packing.storey):
        share = site.uniform(0.35, 0.75), site.uniform(0.35, 0.75)
        upper_s = s + site.uniform(-0.5, 0.5) * (1 - share[0]) * ground.length
        upper_t = t + site.uniform(-0.5, 0.5) * (1 - share[1]) * ground.depth
        size = (ground.length * share[0], ground.depth * share[1])
        place = (*site.frame.place(upper_s, upper_t), angle)
        shape = "flat" if site.chance(0.7) else "shed"
        site.world.buildings.append(build(site, place, size, shape, eave + 2.6, annexe=0.0))


def _yard(site: Site) -> Ground:
    look = site.look
    ground = look.soil if site.style.name == "informal" or site.chance(0.5) else look.gravel
    return shaded(ground, float(site.rng.normal(0.97, 0.06)))


def _leave_garden(site: Site, parcel: Rect) -> None:
    look = site.look
    outline = site.frame.corners(parcel)
    ground = look.lawn if site.chance(0.5) else look.rough if site.chance(0.5) else look.soil
    site.world.patches.append(Patch(outline, shaded(ground, float(site.rng.normal(1, 0.07))), 1))
    near = site.world.buildings[-12:]
    plant(site, outline, site.style.trees_per_are * look.lushness * 4 * parcel.ares, near)
    plant(site, outline, 3 * look.lushness * parcel.ares, near, scale=0.4)
