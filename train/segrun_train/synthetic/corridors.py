"""A strip of ground that something cuts through a settlement: its middle line, and everything cleared off it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segrun_train.synthetic.streets import ribbon
from segrun_train.synthetic.world import Building, Points, Stroke, World

Inside = npt.NDArray[np.bool_]
STEP_M = 4.0
_AT_ONCE = 4096


@dataclass(frozen=True)
class Corridor:
    """All ground within ``half_m`` of a path.

    Args:
        path: ground metres [n, 2], in steps of about ``STEP_M``.
        half_m: half its width, metres.
    """

    path: Points
    half_m: float

    def holds(self, places: Points, margin_m: float = 0.0) -> Inside:
        """Tell which ground places [n, 2] lie in the strip or within ``margin_m`` of it, bool [n]."""
        reach = (self.half_m + margin_m) ** 2
        nearest = [
            ((places[at : at + _AT_ONCE, None] - self.path[None]) ** 2).sum(axis=2).min(axis=1)
            for at in range(0, len(places), _AT_ONCE)
        ]
        inside: Inside = np.concatenate([*nearest, np.empty(0)]) < reach
        return inside

    def outline(self) -> Points:
        """Return its ground polygon [n, 2]."""
        return ribbon(self.path, self.half_m)

    def outside(self, paths: list[Points]) -> list[list[Points]]:
        """Return for each line [n, 2] its parts that lie off the strip."""
        return [
            _parts(path, hit) if hit.any() else [path]
            for path, hit in zip(paths, self.holds_each(paths), strict=True)
        ]

    def holds_each(self, groups: list[Points], margin_m: float = 0.0) -> list[Inside]:
        """Ask ``holds`` of many groups of places at once."""
        inside = self.holds(np.concatenate([*groups, np.empty((0, 2))]), margin_m)
        return np.split(inside, np.cumsum([len(group) for group in groups]))[:-1]


def arc(middle: tuple[float, float], angle: float, reach_m: float, turn_per_m: float) -> Points:
    """Return a path of constant bend through ``middle``, ground metres [n, 2].

    Args:
        middle: ground place that it passes.
        angle: its direction there, radians from the columns' axis.
        reach_m: how far it goes both ways, metres.
        turn_per_m: radians per metre; 0 is straight.
    """
    along = np.arange(-reach_m, reach_m + STEP_M, STEP_M)
    turned = angle + along * turn_per_m / 2
    # The chord of an arc is as long as the arc but for the third order, which bends of 300 m and more do not show.
    return np.stack([middle[0] + along * np.sin(turned), middle[1] + along * np.cos(turned)], axis=1)


def aside(path: Points, offset_m: Points) -> Points:
    """Return a path [n, 2] moved sideways by metres that differ from place to place, [n]."""
    ahead = np.gradient(path, axis=0)
    ahead /= np.maximum(np.hypot(ahead[:, 0], ahead[:, 1]), 1e-9)[:, None]
    return path + np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) * offset_m[:, None]


def clear(world: World, corridor: Corridor) -> None:
    """Take everything off a strip but the ground.

    Args:
        world: what is planned so far; loses what stands in the strip and the parts of lines that cross it.
        corridor: the strip.
    """
    buildings = corridor.holds_each([footprint(building) for building in world.buildings], 2.0)
    world.buildings[:] = [
        building for building, hit in zip(world.buildings, buildings, strict=True) if not hit.any()
    ]
    hedges = corridor.holds_each([hedge.path for hedge in world.hedges])
    world.hedges[:] = [hedge for hedge, hit in zip(world.hedges, hedges, strict=True) if not hit.any()]
    clear_low(world, corridor)


def clear_low(world: World, corridor: Corridor) -> None:
    """Take vehicles, trees and lines off a strip."""
    boxes = corridor.holds(np.array([(box.row, box.col) for box in world.boxes]).reshape(-1, 2), 0.8)
    world.boxes[:] = [box for box, hit in zip(world.boxes, boxes, strict=True) if not hit]
    trees = corridor.holds(np.array([(tree.row, tree.col) for tree in world.trees]).reshape(-1, 2), 0.8)
    world.trees[:] = [tree for tree, hit in zip(world.trees, trees, strict=True) if not hit]
    parts = corridor.outside([stroke.path for stroke in world.strokes])
    world.strokes[:] = [
        Stroke(part, stroke.width_m, stroke.colour)
        for stroke, left in zip(world.strokes, parts, strict=True)
        for part in left
    ]


def footprint(building: Building) -> Points:
    """Return ground places [n, 2] spread over a building, at most a few metres apart."""
    sin, cos = math.sin(building.angle), math.cos(building.angle)
    found = []
    for wing in building.wings:
        long, wide = (
            np.linspace(-half, half, 2 + int(half / 2)) for half in (wing.half_along, wing.half_across)
        )
        along, across = (grid.ravel() for grid in np.meshgrid(wing.along + long, wing.across + wide))
        found.append(
            np.stack(
                [building.row + along * sin + across * cos, building.col + along * cos - across * sin], axis=1
            )
        )
    return np.concatenate(found)


def _parts(path: Points, hit: Inside) -> list[Points]:
    cuts = np.flatnonzero(np.diff(hit.astype(np.int8))) + 1
    pieces = zip(np.split(path, cuts), np.split(hit, cuts), strict=True)
    return [piece for piece, gone in pieces if not gone[0] and len(piece) > 1]
