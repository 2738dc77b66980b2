"""What grows and lies about between houses: trees, hedges, worn patches, beds, pools and odds and ends."""

from __future__ import annotations

import math

import cv2
import numpy as np

from segrun_train.synthetic.look import blend, shaded, varied
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.world import WATER, Box, Building, Colour, Ground, Hedge, Patch, Points, Tree

_TURN = np.linspace(0, 2 * math.pi, 12, endpoint=False)
_UNIT_RING = np.stack([np.sin(_TURN), np.cos(_TURN)], axis=1)
_WORN_LAYER, _POOL_LAYER = 1, 9
_JUNK: tuple[Colour, ...] = (
    (230, 230, 228), (60, 60, 62), (150, 110, 80), (70, 104, 140), (150, 74, 62), (96, 120, 86), (200, 190, 160),
    (128, 124, 118), (180, 176, 168), (104, 90, 76),
)  # fmt: skip


def plant(site: Site, polygon: Points, expected: float, avoid: list[Building], scale: float = 1.0) -> None:
    """Scatter trees or bushes over a convex polygon, off the buildings.

    Args:
        site: receives them.
        polygon: ground metres [n, 2].
        expected: how many are tried on average.
        avoid: buildings that keep their roofs.
        scale: size relative to a garden tree.
    """
    look, rng = site.look, site.rng
    for row, col in _places(site, polygon, expected):
        radius = min(max(float(rng.standard_gamma(4.0)) * 0.66, 0.7), 6.0) * scale
        if not clear_of(avoid, row, col, min(0.7 * radius, 2.0)):
            continue
        bare = site.chance(look.bare_share)
        colour = (
            (122.0, 114.0, 102.0) if bare else varied(look.greens[int(rng.random() * len(look.greens))], rng)
        )
        height = min(radius * site.uniform(1.3, 2.3) + 0.5, 13.0)
        site.world.trees.append(Tree(row, col, radius, height, colour, int(rng.integers(1 << 16)), bare))


def wear(site: Site, polygon: Points, expected: float, around: Ground) -> None:
    """Add irregular patches of other ground: trodden soil, longer grass, gravel; most differ little from what is around."""
    look = site.look
    kinds = (look.soil, look.lawn, look.rough, look.rough, look.gravel)
    for row, col in _places(site, polygon, expected):
        spokes = site.rng.random(14)
        radius = site.uniform(0.6, 3.4) * (0.55 + 0.6 * spokes[:12, None])
        blob = _UNIT_RING * radius * (0.5 + spokes[12], 1.0) + (row, col)
        ground = kinds[int(spokes[13] * len(kinds))]
        if site.chance(0.75):
            share = site.uniform(0.15, 0.5)
            colour, other = (
                blend(around.colour, ground.colour, share),
                blend(around.other, ground.other, share),
            )
            ground = Ground(colour, other, around.mix, around.grain)
        ground = shaded(ground, site.uniform(0.88, 1.08))
        site.world.patches.append(Patch(blob, ground, _WORN_LAYER))


def strew(site: Site, polygon: Points, expected: float, avoid: list[Building]) -> None:
    """Scatter small things: tables, bins, timber, tarpaulins, now and then a trampoline."""
    rng = site.rng
    for row, col in _places(site, polygon, expected):
        if not clear_of(avoid, row, col, 0.5):
            continue
        angle, height = site.uniform(0, math.pi), site.uniform(0.3, 1.3)
        if site.chance(0.03):
            box = Box(row, col, angle, site.uniform(2, 3.6), 0, height, (58.0, 60.0, 66.0), "disc")
        else:
            colour = varied(_JUNK[int(rng.random() * len(_JUNK))], rng)
            box = Box(row, col, angle, site.uniform(0.4, 2.0), site.uniform(0.3, 1.2), height, colour)
        site.world.boxes.append(box)


def grow_hedge(site: Site, path: Points) -> None:
    """Add a hedge along a path."""
    greens = site.look.greens
    colour = varied(greens[int(site.rng.random() * len(greens))], site.rng)
    site.world.hedges.append(Hedge(path, site.uniform(0.6, 1.5), site.uniform(0.9, 2.3), colour))


def dig_pool(site: Site, row: float, col: float, angle: float) -> None:
    """Add a swimming pool with its paved rim."""
    length, width = site.uniform(5, 10), site.uniform(3, 4.5)
    water = Ground(varied((92, 176, 204), site.rng), (120, 196, 216), 0.5, 2, class_index=WATER)
    if site.chance(0.35):
        turn = np.linspace(0, 2 * math.pi, 20, endpoint=False)[:, None]
        ring = np.concatenate([np.sin(turn), np.cos(turn)], axis=1) * width * 0.5
        middle = np.array([row, col])
        outer, inner = ring * 1.12 + middle, ring + middle
    else:
        outer = rectangle(row, col, angle, length + 1.8, width + 1.8)
        inner = rectangle(row, col, angle, length, width)
    site.world.patches += [Patch(outer, site.look.paving, _POOL_LAYER), Patch(inner, water, _POOL_LAYER)]


def dig_beds(site: Site, row: float, col: float, angle: float) -> None:
    """Add a few vegetable beds side by side."""
    for line in range(1 + int(site.rng.random() * 5)):
        place = row + line * 1.8 * math.cos(angle), col - line * 1.8 * math.sin(angle)
        bed = Ground(
            varied((112, 92, 70), site.rng), varied((92, 112, 62), site.rng), site.uniform(0.2, 1), 12
        )
        site.world.patches.append(Patch(rectangle(*place, angle, site.uniform(3, 6), 1.1), bed, _POOL_LAYER))


def rectangle(row: float, col: float, angle: float, length: float, width: float) -> Points:
    """Return the four corners of a turned rectangle, ground metres [4, 2]."""
    sin, cos = math.sin(angle), math.cos(angle)
    long_row, long_col = sin * length / 2, cos * length / 2
    wide_row, wide_col = cos * width / 2, -sin * width / 2
    return np.array([
        [row - long_row - wide_row, col - long_col - wide_col], [row + long_row - wide_row, col + long_col - wide_col],
        [row + long_row + wide_row, col + long_col + wide_col], [row - long_row + wide_row, col - long_col + wide_col],
    ])  # fmt: skip


def clear_of(buildings: list[Building], row: float, col: float, margin_m: float) -> bool:
    """Tell whether a place is at least ``margin_m`` from every wing."""
    for building in buildings:
        down, right = row - building.row, col - building.col
        sin, cos = math.sin(building.angle), math.cos(building.angle)
        along, across = down * sin + right * cos, down * cos - right * sin
        for wing in building.wings:
            if (
                abs(along - wing.along) < wing.half_along + margin_m
                and abs(across - wing.across) < wing.half_across + margin_m
            ):
                return False
    return True


def _places(site: Site, polygon: Points, expected: float) -> list[tuple[float, float]]:
    """Draw places inside a polygon; how many is drawn too."""
    count = int(site.rng.poisson(expected))
    if not count:
        return []
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    outline = polygon.astype(np.float32)[:, None]
    drawn = (low + (high - low) * site.rng.random((count, 2))).tolist()
    return [
        (row, col) for row, col in drawn if cv2.pointPolygonTest(outline, (row, col), measureDist=False) >= 0
    ]
