"""What of a world lies near a window, found without asking every tree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import numpy as np

from segrun_train.synthetic.world import Box, Building, Points, Tree, World

Thing = TypeVar("Thing")

# Tops lean outwards by at most a quarter of their height, and roofs have rims.
_LEAN_M = 6.0


class WorldIndex:
    """Bounding boxes of everything in a world.

    Args:
        world: must not change afterwards.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._patches = _bounds(patch.polygon for patch in world.patches)
        self._strokes = _bounds(stroke.path for stroke in world.strokes)
        self._hedges = _bounds(hedge.path for hedge in world.hedges)
        self._shades = _bounds(world.shades)
        self._trees = _bounds_of_discs(world.trees, [tree.radius_m for tree in world.trees])
        self._boxes = _bounds_of_discs(world.boxes, [box.length_m for box in world.boxes])
        self._buildings = _bounds_of_discs(
            world.buildings, [building.reach_m for building in world.buildings]
        )

    def near(self, low: tuple[float, float], high: tuple[float, float]) -> World:
        """Return what may touch a window, in the same order.

        Args:
            low: (row, col) of its upper left corner, metres.
            high: (row, col) of its lower right corner, metres.
        """
        floor, ceiling = np.array(low) - _LEAN_M, np.array(high) + _LEAN_M

        def touching(things: list[Thing], bounds: Points) -> list[Thing]:
            hit = (bounds[:, 2:] >= floor).all(axis=1) & (bounds[:, :2] <= ceiling).all(axis=1)
            return [things[index] for index in np.flatnonzero(hit)]

        world = self._world
        return World(
            touching(world.patches, self._patches), touching(world.strokes, self._strokes),
            touching(world.hedges, self._hedges), touching(world.trees, self._trees),
            touching(world.boxes, self._boxes), touching(world.buildings, self._buildings),
            touching(world.shades, self._shades),
        )  # fmt: skip


def _bounds(outlines: Iterable[Points]) -> Points:
    rows = [np.concatenate([outline.min(axis=0), outline.max(axis=0)]) for outline in outlines]
    return np.array(rows).reshape(-1, 4)


def _bounds_of_discs(things: list[Tree] | list[Box] | list[Building], radii: list[float]) -> Points:
    centre = np.array([(thing.row, thing.col) for thing in things]).reshape(-1, 2)
    radius = np.array(radii)[:, None]
    return np.concatenate([centre - radius, centre + radius], axis=1).reshape(-1, 4)
