"""A grid of straight streets of equal distance, as in North America: wide ones now and then, trees between kerb and walk."""

from __future__ import annotations

import numpy as np

from segrun_train.synthetic.frame import Rect
from segrun_train.synthetic.look import shaded, varied
from segrun_train.synthetic.markings import WHITE, lay_crossing
from segrun_train.synthetic.paths import beside, path_metres, ribbon
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.streets import KERB_LAYER, Street
from segrun_train.synthetic.style import Style
from segrun_train.synthetic.world import Patch, Tree

_WALK_M = 1.6


def cut_grid(area: Rect, style: Style, rng: np.random.Generator) -> tuple[list[Street], list[Rect]]:
    """Cut an area into equal blocks; arguments and what comes back are those of ``streets.cut_blocks``."""
    spans_s, lines_s = _cut(area.s0, area.s1, style.block_m[1], style, rng)
    spans_t, lines_t = _cut(area.t0, area.t1, style.block_m[0], style, rng)
    streets = [
        Street((at, area.t0), (at, area.t1), width, rank, bool(rng.random() >= style.unpaved))
        for at, width, rank in lines_s
    ]
    streets += [
        Street((area.s0, at), (area.s1, at), width, rank, bool(rng.random() >= style.unpaved))
        for at, width, rank in lines_t
    ]
    return streets, [Rect(s0, t0, s1, t1) for s0, s1 in spans_s for t0, t1 in spans_t]


def _cut(
    low: float, high: float, block_m: float, style: Style, rng: np.random.Generator
) -> tuple[list[tuple[float, float]], list[tuple[float, float, int]]]:
    """Cut a line into blocks and streets between them: where, how wide, of which rank."""
    block_m *= float(rng.uniform(0.9, 1.15))
    spans, lines, at = [], [], low
    wide = int(rng.integers(3, 7))
    number = int(rng.integers(wide))
    while at + block_m < high:
        spans.append((at, at + block_m))
        main = number % wide == 0
        narrow, broad = style.road_m
        width = float(rng.uniform(0.8, 1.0) * broad if main else narrow * rng.uniform(0.9, 1.25))
        half = width / 2 + style.walk_m
        lines.append((at + block_m + half, width, 0 if main else 2))
        at += block_m + 2 * half
        number += 1
    return spans, lines


def plant_kerbs(site: Site, street: Street, streets: list[Street]) -> None:
    """Lay the grass between kerb and walk of a street, plant its row of trees, and paint crossings.

    Args:
        site: receives them.
        street: the street.
        streets: all streets; nothing grows where another crosses.
    """
    if street.paved and site.chance(0.45):
        _paint_crossings(site, street, streets)
    strip = site.style.walk_m - _WALK_M
    if strip < 0.8 or not street.paved or site.chance(0.2):
        return
    path = site.frame.line(street.start, street.end)
    half = street.width_m / 2
    grass = shaded(
        site.look.lawn if site.chance(0.7) else site.look.rough, float(site.rng.normal(0.95, 0.07))
    )
    step = site.uniform(9, 26)
    metres = path_metres(path)
    axis = 0 if street.start[1] == street.end[1] else 1
    crossed = [
        (other.start[axis] - street.start[axis], other.width_m / 2 + 4.0)
        for other in streets
        if other.start[axis] == other.end[axis]
    ]
    for side in (-1.0, 1.0):
        line = beside(path, side * (half + 0.3 + strip / 2))
        site.world.patches.append(Patch(ribbon(line, strip / 2), grass, KERB_LAYER))
        for at in np.arange(site.uniform(0, step), metres[-1], step).tolist():
            if site.chance(0.3) or any(abs(at - middle) < reach for middle, reach in crossed):
                continue
            row, col = (float(np.interp(at + site.uniform(-2, 2), metres, line[:, axis])) for axis in (0, 1))
            radius = min(max(float(site.rng.gamma(6.0, 0.6)), 1.2), 6.5)
            bare = site.chance(site.look.bare_share)
            greens = site.look.greens
            green = varied(greens[int(site.rng.random() * len(greens))], site.rng)
            colour = (112.0, 104.0, 94.0) if bare else green
            sprite = int(site.rng.integers(1 << 16))
            height = min(radius * 1.7 + 1, 12.0)
            site.world.trees.append(Tree(row, col, radius, height, colour, sprite, bare))


def _paint_crossings(site: Site, street: Street, streets: list[Street]) -> None:
    """Paint where people cross a street, before and behind the streets that meet it."""
    axis = 0 if street.start[1] == street.end[1] else 1
    there = site.swapped() if axis else site
    across = street.start[1 - axis] - street.width_m / 2 + 0.4
    for other in streets:
        if other.start[axis] != other.end[axis] or site.chance(0.5):
            continue
        for sign in (-1.0, 1.0):
            along = other.start[axis] + sign * (other.width_m / 2 + 2.4)
            if site.meets(np.array([there.frame.place(along, across)])):
                lay_crossing(there, along, across, street.width_m - 0.8, WHITE)
