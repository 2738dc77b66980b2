"""Blocks without houses: fields, parks, woods, car parks."""

from __future__ import annotations

import numpy as np

from segrun_train.synthetic.frame import Rect
from segrun_train.synthetic.gardens import grow_hedge, plant, wear
from segrun_train.synthetic.look import draw_field, shaded
from segrun_train.synthetic.packing import cut_parcels
from segrun_train.synthetic.paths import ribbon
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.world import Patch
from segrun_train.synthetic.yards import AISLE_M, ROW_M, lay_bays, tar

_PATH_LAYER = 3


def lay_fields(site: Site, block: Rect) -> None:
    """Divide a block into fields, some with a hedge or trees between them."""
    for field in cut_parcels(site, block, (25, 80)):
        grass = shaded(site.look.lawn, float(site.rng.normal(1, 0.08)))
        ground = draw_field(site.rng) if site.chance(0.75) else grass
        outline = site.frame.outline(field)
        site.world.patches.append(Patch(outline, ground))
        wear(site, outline, 0.15 * field.ares, ground)
        if site.chance(0.4):
            edge = site.frame.line((field.s0, field.t0), (field.s1, field.t0), 10.0)
            if site.chance(0.5):
                grow_hedge(site, edge)
            else:
                plant(site, ribbon(edge, 1.5), 12 + len(edge) * 4, [], scale=1.2)


def lay_park(site: Site, block: Rect) -> None:
    """Lay out lawns with winding paths and groups of trees."""
    outline = site.frame.outline(block)
    site.world.patches.append(Patch(outline, site.look.lawn))
    wear(site, outline, 1.2 * block.ares, site.look.lawn)
    for _ in range(1 + int(site.rng.random() * 3)):
        start = (site.uniform(block.s0, block.s1), block.t0)
        end = (site.uniform(block.s0, block.s1), block.t1)
        path = site.frame.line(start, end, 3.0)
        path = path + np.sin(np.linspace(0, 5, len(path)))[:, None] * site.rng.normal(0, 2.5, 2)
        site.world.patches.append(Patch(ribbon(path, site.uniform(0.7, 1.4)), site.look.gravel, _PATH_LAYER))
        middle = site.uniform(block.s0, block.s1), site.uniform(block.t0, block.t1)
        group = np.array(site.frame.place(*middle)) + np.array([[-9, -9], [-9, 9], [9, 9], [9, -9]])
        plant(site, group, site.uniform(3, 14), [], scale=1.3)
    plant(site, outline, 0.6 * block.ares, [], scale=1.2)
    plant(site, outline, 0.8 * block.ares, [], scale=0.45)


def grow_wood(site: Site, block: Rect) -> None:
    """Cover a block with trees."""
    outline = site.frame.outline(block)
    site.world.patches.append(Patch(outline, shaded(site.look.rough, 0.8)))
    for part in cut_parcels(site, block, (12, 30)):
        if site.near(part):
            plant(site, site.frame.corners(part), 8 * part.ares, [], scale=1.1)


def lay_parking(site: Site, block: Rect) -> None:
    """Pave a block and fill it with double rows of bays, lanes between them, a strip of green round it."""
    outline = site.frame.outline(block)
    site.world.patches.append(Patch(outline, site.look.lawn))
    paved = block.inset(site.uniform(0.3, 3.0))
    site.world.patches.append(Patch(site.frame.outline(paved), tar(site), _PATH_LAYER - 2))
    lane = site.uniform(1.5, 6.5)
    for part in (paved.inset(lane),) if site.chance(0.5) else cut_parcels(site, paved.inset(lane), (45, 90)):
        pairs = int((part.depth - 2) / (2 * ROW_M + AISLE_M))
        if pairs < 1:
            continue
        rest = part.depth - pairs * (2 * ROW_M + AISLE_M)
        lay_bays(site, Rect(part.s0 + 3, part.t0 + rest / 2, part.s1 - 3, part.t1 - rest / 2))
    if site.chance(0.5):
        plant(site, outline, site.uniform(0.1, 0.7) * block.ares, [], scale=0.8)


def lay_car_park(site: Site, block: Rect) -> None:
    """Pave a block, mark bays and park cars in them."""
    outline = site.frame.outline(block)
    site.world.patches.append(Patch(outline, tar(site)))
    lay_bays(site, block.inset(2.0))
    plant(site, outline, 0.4 * block.ares, [], scale=0.9)
