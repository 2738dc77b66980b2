"""One carriageway along a path: its pavement, the marks that tyres leave, its lines, and who drives on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segrun_train.synthetic.look import scaled, shaded
from segrun_train.synthetic.markings import WHITE, YELLOW
from segrun_train.synthetic.paths import along_path, beside, path_metres, ribbon
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.vehicles import drive_along, keep_right
from segrun_train.synthetic.world import ROAD, Colour, Ground, Patch, Points, Stroke


@dataclass(frozen=True)
class Roadway:
    """Sizes of one carriageway.

    Args:
        lanes: how many.
        lane_m: width of one.
        shoulders_m: paved width inside and outside the lanes.
        outer: on which side of its path the outside lies, +1 or -1 as offsets are counted.
        motorway: traffic is dense and fast, and all lanes lead one way.
    """

    lanes: int
    lane_m: float
    shoulders_m: tuple[float, float]
    outer: float
    motorway: bool

    @property
    def half_m(self) -> float:
        """Half the paved width."""
        return (self.lanes * self.lane_m + sum(self.shoulders_m)) / 2

    def line_m(self, number: int) -> float:
        """Return the offset of a line between lanes from the path; 0 is the innermost edge line."""
        return self.outer * (self.shoulders_m[0] + number * self.lane_m - self.half_m)

    def lane_middle_m(self, lane: int) -> float:
        """Return the offset of the middle of a lane from the path; lane 0 is the innermost."""
        return self.line_m(lane) + self.outer * self.lane_m / 2


def draw_pavement(site: Site) -> Ground:
    """Draw what a motorway is made of: light concrete, or asphalt from fresh to bleached."""
    if site.chance(0.6):
        grey = site.uniform(118, 186)
        colour: Colour = (grey, grey * site.uniform(0.965, 1.0), grey * site.uniform(0.9, 0.98))
    else:
        grey = site.uniform(74, 138)
        colour = (grey, grey, grey * site.uniform(0.96, 1.04))
    return Ground(
        colour, scaled(colour, site.uniform(0.84, 0.95)), 0.5, site.uniform(2.5, 4.5), class_index=ROAD
    )


def pave(site: Site, path: Points, road: Roadway, pavement: Ground, layer: int) -> None:
    """Lay the surface of one carriageway: lanes of slightly different age, darkened by tyres, mended here and there.

    Args:
        site: receives it.
        path: its middle, ground metres [n, 2].
        road: its sizes.
        pavement: its surface.
        layer: the layer of all of it.
    """
    site.world.patches.append(Patch(ribbon(path, road.half_m), pavement, layer))
    worn, tyres = site.uniform(0.86, 1.03), site.uniform(0.8, 0.97)
    for lane in range(road.lanes):
        middle = beside(path, road.lane_middle_m(lane))
        ground = shaded(pavement, worn * float(site.rng.normal(1, 0.025)))
        site.world.patches.append(Patch(ribbon(middle, road.lane_m / 2), ground, layer))
        if road.motorway:
            dark = shaded(ground, tyres)
            wide = road.lane_m * site.uniform(0.2, 0.33)
            for offset, half in ((0.0, wide),) if site.chance(0.5) else ((-0.85, 0.42), (0.85, 0.42)):
                site.world.patches.append(Patch(ribbon(beside(middle, offset), half), dark, layer))
    _mend(site, path, road, pavement, layer)


def mark(site: Site, path: Points, road: Roadway, pavement: Ground) -> None:
    """Paint the lines and joints of one carriageway and let vehicles drive on it; arguments as for ``pave``."""
    for lane in range(road.lanes):
        way = keep_right(beside(path, road.lane_middle_m(lane)), road.outer)
        drive_along(site, way, lorries=0.16 if lane else 0.03, gap_m=_gap_m(site, road))
    joint = scaled(pavement.colour, 0.72)
    _draw_lines(site, path, road, joint)
    if road.motorway and site.chance(0.4):
        _draw_joints(site, path, road, joint)


def _gap_m(site: Site, road: Roadway) -> float:
    """Draw the mean distance of vehicles in a lane."""
    if not road.motorway:
        return site.uniform(30, 150)
    return site.uniform(16, 30) if site.chance(0.15) else site.uniform(28, 110)


def _mend(site: Site, path: Points, road: Roadway, pavement: Ground, layer: int) -> None:
    """Replace some slabs."""
    metres = path_metres(path)
    for begin in site.rng.uniform(0, metres[-1], int(site.rng.poisson(metres[-1] / 140))).tolist():
        piece = along_path(path, metres, np.linspace(begin, min(begin + site.uniform(4, 40), metres[-1]), 8))
        lane = int(site.rng.integers(road.lanes))
        offset = road.lane_middle_m(lane)
        patch = shaded(pavement, site.uniform(0.78, 1.1))
        site.world.patches.append(Patch(ribbon(beside(piece, offset), road.lane_m / 2), patch, layer))


def _draw_lines(site: Site, path: Points, road: Roadway, joint: Colour) -> None:
    metres = path_metres(path)
    fresh = site.uniform(0.8, 1.0)
    white, yellow = scaled(WHITE, fresh), scaled(YELLOW, fresh)
    dash, gap = ((3.0, 9.0) if site.chance(0.7) else (6.0, 12.0)) if road.motorway else (3.0, 6.0)
    for line in range(1, road.lanes):
        way = beside(path, road.line_m(line))
        if road.motorway and site.chance(0.5):
            site.world.strokes.append(Stroke(beside(way, 0.15), 0.1, joint))
        if not road.motorway and road.lanes == 2 and site.chance(0.3):
            continue
        for begin in np.arange(site.uniform(0, gap), metres[-1], dash + gap).tolist():
            ends = along_path(way, metres, np.array([begin, min(begin + dash, metres[-1])]))
            site.world.strokes.append(Stroke(ends, 0.15, white))
    if road.motorway:
        site.world.strokes.append(
            Stroke(beside(path, road.line_m(0)), 0.15, yellow if site.chance(0.7) else white)
        )
        site.world.strokes.append(Stroke(beside(path, road.line_m(road.lanes)), 0.17, white))


def _draw_joints(site: Site, path: Points, road: Roadway, joint: Colour) -> None:
    """Draw the joints between slabs, straight across."""
    inner, outer = (beside(path, road.line_m(line)) for line in (0, road.lanes))
    metres = path_metres(path)
    at = np.arange(0, metres[-1], site.uniform(4.5, 12))
    for ends in zip(along_path(inner, metres, at), along_path(outer, metres, at), strict=True):
        site.world.strokes.append(Stroke(np.array(ends), 0.05, joint))
