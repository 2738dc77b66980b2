"""Streets: a settlement is cut into blocks, and each cut becomes a street with pavement, kerbs, marks and cars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segrun_train.synthetic.frame import Rect
from segrun_train.synthetic.look import shaded
from segrun_train.synthetic.markings import mark_bus_lane
from segrun_train.synthetic.paths import along_path, beside, path_metres, ribbon
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.style import Style
from segrun_train.synthetic.vehicles import park_along
from segrun_train.synthetic.world import Ground, Patch, Points, Stroke, World

PAVEMENT_LAYER, KERB_LAYER, ROAD_LAYER = 4, 5, 6
_KERB_M = 0.18


@dataclass(frozen=True)
class Street:
    """A straight cut between two street places; ``rank`` 0 is the widest."""

    start: tuple[float, float]
    end: tuple[float, float]
    width_m: float
    rank: int
    paved: bool


def cut_blocks(area: Rect, style: Style, rng: np.random.Generator) -> tuple[list[Street], list[Rect]]:
    """Cut an area into blocks.

    Args:
        area: the whole settlement in street axes.
        style: how large blocks are, how wide streets.
        rng: source of randomness.
    Returns:
        the streets, and the blocks between them with the pavement taken off.
    """
    streets: list[Street] = []
    blocks: list[Rect] = []
    short, long = style.block_m
    waiting = [(area, 0)]
    while waiting:
        rect, rank = waiting.pop()
        along = rect.length > rect.depth * rng.uniform(0.75, 1.3)
        extent = rect.length if along else rect.depth
        limit = (long if along else short) * rng.uniform(1.2, 1.7)
        if extent < limit:
            blocks.append(rect)
            continue
        widest, narrowest = style.road_m[1], style.road_m[0]
        width = max(narrowest, widest * 0.86 ** max(0, rank - 2)) * rng.uniform(0.9, 1.1)
        at = extent * rng.uniform(0.4, 0.6)
        half = width / 2 + style.walk_m
        paved = bool(rank < 3 or rng.random() >= style.unpaved)
        if along:
            middle = rect.s0 + at
            streets.append(Street((middle, rect.t0), (middle, rect.t1), width, rank, paved))
            parts = (
                Rect(rect.s0, rect.t0, middle - half, rect.t1),
                Rect(middle + half, rect.t0, rect.s1, rect.t1),
            )
        else:
            middle = rect.t0 + at
            streets.append(Street((rect.s0, middle), (rect.s1, middle), width, rank, paved))
            parts = (
                Rect(rect.s0, rect.t0, rect.s1, middle - half),
                Rect(rect.s0, middle + half, rect.s1, rect.t1),
            )
        waiting += [(part, rank + 1) for part in parts]
    return streets, blocks


def lay_street(site: Site, street: Street) -> None:
    """Add one street's carriageway, pavement, kerbs, marks and cars to the world."""
    world, style, look, rng = site.world, site.style, site.look, site.rng
    path = site.frame.line(street.start, street.end)
    half = street.width_m / 2
    factor = float(rng.normal(1, 0.05))
    if not street.paved:
        world.patches.append(Patch(ribbon(path, half * 0.8), shaded(look.dirt_road, factor), ROAD_LAYER))
        park_along(site, path, half, 0.05)
        return
    asphalt = shaded(look.asphalt, factor)
    if style.walk_m:
        world.patches.append(Patch(ribbon(path, half + style.walk_m), look.paving, PAVEMENT_LAYER))
        world.patches.append(Patch(ribbon(path, half + _KERB_M), shaded(look.paving, 1.12), KERB_LAYER))
    else:
        world.patches.append(Patch(ribbon(path, half + 0.8), look.rough, PAVEMENT_LAYER))
    world.patches.append(Patch(ribbon(path, half), asphalt, ROAD_LAYER))
    if rng.random() < 0.5:
        _mend(world, path, half, shaded(asphalt, float(rng.uniform(0.82, 0.93))), rng)
    if street.width_m > 5.6 and rng.random() < 0.75:
        _mark(world, path, half, rng)
    if style.uses.get("halls", 0) + style.uses.get("offices", 0) > 5 and rng.random() < 0.5:
        mark_bus_lane(site, street.start, street.end, street.width_m)
    park_along(site, path, half, 0.32 if street.rank > 1 else 0.16)


def _mark(world: World, path: Points, half: float, rng: np.random.Generator) -> None:
    white = (228.0, 228.0, 222.0)
    length = path_metres(path)
    dash, gap = (3.0, 4.5) if rng.random() < 0.7 else (200.0, 0.1)
    for begin in np.arange(0, length[-1], dash + gap):
        at = np.linspace(begin, min(begin + dash, length[-1]), max(2, int(dash / 6) + 2))
        world.strokes.append(Stroke(along_path(path, length, at), 0.14, white))
    if rng.random() < 0.35:
        for side in (half - 0.35, 0.35 - half):
            world.strokes.append(Stroke(beside(path, side), 0.12, white))


def _mend(world: World, path: Points, half: float, ground: Ground, rng: np.random.Generator) -> None:
    length = path_metres(path)
    for begin in rng.uniform(0, length[-1], max(1, int(length[-1] / 60))):
        piece = along_path(path, length, np.linspace(begin, min(begin + rng.uniform(3, 25), length[-1]), 5))
        offset = float(rng.uniform(-half * 0.5, half * 0.5))
        world.patches.append(
            Patch(ribbon(beside(piece, offset), float(rng.uniform(0.4, half * 0.45))), ground, ROAD_LAYER)
        )
