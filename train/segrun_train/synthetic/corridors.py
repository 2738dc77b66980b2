"""A strip of ground that something cuts through a settlement: its middle line, and everything cleared off it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from segrun_train.synthetic.paths import ribbon
from segrun_train.synthetic.world import Box, Building, Points, Stroke, World

Inside = npt.NDArray[np.bool_]
Thing = TypeVar("Thing")
_PIECE = 32
_AT_ONCE = 4096
# Where a box is looked at, in halves of its length: even a wagon is not longer between them than a bridge is wide.
_ALONG = np.linspace(-1, 1, 5)


@dataclass(frozen=True)
class Corridor:
    """All ground within ``half_m`` of a path.

    Args:
        path: ground metres [n, 2], in even steps.
        half_m: half its width, metres.
    """

    path: Points
    half_m: float

    def holds(self, places: Points, margin_m: float = 0.0) -> Inside:
        """Tell which ground places [n, 2] lie in the strip or within ``margin_m`` of it, bool [n].

        Time grows with the places and with the path, not with their product.
        """
        inside: Inside = np.zeros(len(places), np.bool_)
        _find(self.path, places, self.half_m + margin_m, np.arange(len(places)), inside)
        return inside

    def outline(self) -> Points:
        """Return its ground polygon [n, 2]."""
        return ribbon(self.path, self.half_m)


def outside(strips: Sequence[Corridor], paths: Sequence[Points]) -> list[list[Points]]:
    """Return for each line [n, 2] its parts that lie off all strips."""
    inside = _inside(strips, np.concatenate([*paths, np.empty((0, 2))]))
    touched = _any_of(paths, inside)
    starts = np.cumsum([0, *map(len, paths)])
    return [
        _parts(path, inside[start : start + len(path)]) if hit else [path]
        for path, hit, start in zip(paths, touched, starts[:-1].tolist(), strict=True)
    ]


def clear(world: World, strips: Sequence[Corridor]) -> None:
    """Take everything off strips but the ground.

    Args:
        world: what is planned so far; loses what stands in a strip and the parts of lines that cross one.
        strips: the strips.
    """
    spread = [footprint(building) for building in world.buildings]
    world.buildings[:] = _off(strips, world.buildings, spread, 2.0)
    world.hedges[:] = _off(strips, world.hedges, [hedge.path for hedge in world.hedges], 0.0)
    clear_low(world, strips)


def clear_low(world: World, strips: Sequence[Corridor]) -> None:
    """Take vehicles, trees and lines off strips."""
    world.boxes[:] = _off(strips, world.boxes, list(_lengthwise(world.boxes)), 1.3)
    stems = [np.array([[tree.row, tree.col]]) for tree in world.trees]
    world.trees[:] = _off(strips, world.trees, stems, 0.8)
    parts = outside(strips, [stroke.path for stroke in world.strokes])
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


def _off(
    strips: Sequence[Corridor], things: list[Thing], spread: list[Points], margin_m: float
) -> list[Thing]:
    """Return the things none of whose places, [n, 2] of each, lies in a strip or within a margin of it."""
    places = np.concatenate([*spread, np.empty((0, 2))])
    touched = _any_of(spread, _inside(strips, places, margin_m))
    return [thing for thing, hit in zip(things, touched, strict=True) if not hit]


def _inside(strips: Sequence[Corridor], places: Points, margin_m: float = 0.0) -> Inside:
    inside: Inside = np.zeros(len(places), np.bool_)
    for strip in strips:
        inside |= strip.holds(places, margin_m)
    return inside


def _any_of(groups: Sequence[Points], inside: Inside) -> list[bool]:
    """Tell of each group of places, which follow each other in ``inside``, whether any is."""
    if not len(groups):
        return []
    found: list[bool] = np.logical_or.reduceat(inside, np.cumsum([0, *map(len, groups)])[:-1]).tolist()
    return found


def _lengthwise(boxes: list[Box]) -> Points:
    """Return ground places from end to end of each box, [boxes, places, 2]."""
    places = np.array([(box.row, box.col, box.angle, box.length_m / 2) for box in boxes]).reshape(-1, 4, 1)
    row, col, angle, half = np.moveaxis(places, 1, 0)
    along = half * _ALONG
    return np.stack([row + along * np.sin(angle), col + along * np.cos(angle)], axis=2)


def _find(path: Points, places: Points, reach_m: float, asked: npt.NDArray[np.intp], inside: Inside) -> None:
    """Note which of the places asked for lie near a path: by halves of it, each asked only about its bounding box."""
    low, high = path.min(axis=0) - reach_m, path.max(axis=0) + reach_m
    there = places[asked]
    asked = asked[((there > low) & (there < high)).all(axis=1)]
    if len(path) > _PIECE and len(asked):
        half = len(path) // 2
        _find(path[: half + 1], places, reach_m, asked, inside)
        _find(path[half:], places, reach_m, asked, inside)
        return
    for at in range(0, len(asked), _AT_ONCE):
        part = asked[at : at + _AT_ONCE]
        inside[part] |= _squared_to(path, places[part]) < reach_m**2


def _squared_to(path: Points, places: Points) -> Points:
    """Return the squared distance of each place [n, 2] to a line through the places of a path, [n]."""
    start, ahead = path[:-1], np.diff(path, axis=0)
    if not len(ahead):
        start, ahead = path, np.zeros_like(path)
    away = places[:, None] - start
    share = (away * ahead).sum(axis=2) / np.maximum((ahead**2).sum(axis=1), 1e-9)
    left = away - np.clip(share, 0, 1)[..., None] * ahead
    squared: Points = (left**2).sum(axis=2).min(axis=1)
    return squared
