"""A motorway through a settlement: two carriageways, what lies between and beside them, and who drives there."""

from __future__ import annotations

import math

import numpy as np

from segrun_train.synthetic.barriers import RAIL, stand_barrier, stand_wall
from segrun_train.synthetic.corridors import Corridor, clear, clear_low
from segrun_train.synthetic.gardens import plant
from segrun_train.synthetic.look import shaded, varied
from segrun_train.synthetic.motorway_section import SIGNS, Section, draw_section
from segrun_train.synthetic.overpasses import span
from segrun_train.synthetic.paths import STEP_M, arc, beside, ribbon
from segrun_train.synthetic.railways import lay_tracks
from segrun_train.synthetic.roadway import Roadway, draw_pavement, mark, pave
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.slip_roads import draw_slip_road
from segrun_train.synthetic.streets import Street
from segrun_train.synthetic.world import Ground, Patch, Points, Stroke

# Above all that a settlement lays; slip roads come out from under the carriageways.
VERGE_LAYER, SIDE_LAYER, ROAD_LAYER = 10, 11, 12
# Nothing that belongs to a motorway lies farther from its middle.
_BEYOND_M = 150.0


def lay_motorway(site: Site, streets: list[Street]) -> None:
    """Lead a motorway through or near the middle of a settlement that is built already.

    Args:
        site: loses what stands in the way and receives the motorway.
        streets: the settlement's streets; some are led over the motorway on bridges.
    """
    section, path = draw_section(site.rng), draw_path(site)
    shift = (section.reach_m(1) - section.reach_m(0)) / 2
    corridor = Corridor(beside(path, shift), (section.reach_m(0) + section.reach_m(1)) / 2)
    slips = [
        slip for side in (0, 1) if site.chance(0.6) and (slip := draw_slip_road(site, section, path, side))
    ]
    strips = [corridor, *(strip for slip in slips for strip in slip.strips(site.uniform(3, 7)))]
    scrub = shaded(site.look.lawn if site.chance(0.5) else site.look.rough, site.uniform(0.85, 1.08))
    clear(site.world, strips)
    site.world.patches += [Patch(strip.outline(), scrub, VERGE_LAYER) for strip in strips]
    _grow_verges(site, section, path)
    ways = [Corridor(slip.path, slip.road.half_m) for slip in slips]
    clear_low(site.world, ways)
    pavement, tar = draw_pavement(site), shaded(site.look.asphalt, float(site.rng.normal(1, 0.06)))
    for side in (0, 1):
        sign = SIGNS[side]
        road = Roadway(section.lanes[side], section.lane_m, section.shoulders_m, sign, motorway=True)
        middle = beside(path, sign * (section.median_m + section.carriageway_m(side)) / 2)
        pave(site, middle, road, pavement, ROAD_LAYER)
        mark(site, middle, road, pavement)
        if section.frontages_m[side]:
            _lay_frontage(site, section, path, side, tar)
            outside = section.frontage_m(side) + 3.0
            mouths = Corridor(beside(path, sign * outside), section.frontages_m[side] / 2 + 2.0)
            join_streets(site, mouths, tar, streets)
        if section.tracks[side]:
            lay_tracks(site, beside(path, sign * section.rail_m(side)), section.tracks[side], SIDE_LAYER)
        if site.chance(0.7):
            edge = beside(path, sign * (section.edge_m(side) + 0.5))
            stand_barrier(site, edge, ways)
    for slip in slips:
        ground = pavement if site.chance(0.6) else tar
        pave(site, slip.path, slip.road, ground, SIDE_LAYER)
        mark(site, slip.apart, slip.road, ground)
    _lay_median(site, section, path, pavement)
    if site.chance(0.55):
        span(site, strips, streets)


def draw_path(site: Site) -> Points:
    """Draw the middle line of a motorway: along a street direction or askew, straight or in a wide bend.

    Args:
        site: the dice and the scene, near whose middle it passes.
    Returns:
        ground metres [n, 2]; both ends lie far outside the scene.
    """
    aside_m = 0.28 * min(site.height_m, site.width_m)
    row, col = (
        site.height_m / 2 + site.uniform(-aside_m, aside_m),
        site.width_m / 2 + site.uniform(-aside_m, aside_m),
    )
    street = site.frame.angle_at(0.0, 0.0) + (math.pi / 2 if site.chance(0.5) else 0.0)
    angle = street + float(site.rng.normal(0, 0.04)) if site.chance(0.5) else site.uniform(0, math.pi)
    bend = 0.0 if site.chance(0.45) else site.uniform(-1, 1) / 320
    size = np.array([site.height_m, site.width_m])
    # From anywhere that was drawn the farthest corner is no farther, with all that lies beside the path there.
    farthest = float(np.hypot(*(size / 2 + aside_m + _BEYOND_M)))
    path = arc((row, col), angle, farthest / 0.8, bend)
    near = np.flatnonzero(((path > -_BEYOND_M) & (path < size + _BEYOND_M)).all(axis=1))
    return path[near[0] : near[-1] + 1]


def _lay_median(site: Site, section: Section, path: Points, pavement: Ground) -> None:
    if not section.paved:
        if site.chance(0.4):
            site.world.strokes.append(Stroke(path, 0.3, varied(RAIL, site.rng)))
        plant(
            site, ribbon(path, section.median_m / 2 - 0.8), site.uniform(0, 0.25) * len(path), [], scale=0.5
        )
        return
    site.world.patches.append(
        Patch(ribbon(path, section.median_m / 2 + 0.1), shaded(pavement, 0.93), ROAD_LAYER)
    )
    stand_wall(site, path)


def _lay_frontage(site: Site, section: Section, path: Points, side: int, ground: Ground) -> None:
    width = section.frontages_m[side]
    lanes = 3 if width > 9 else 2
    middle = beside(path, SIGNS[side] * section.frontage_m(side))
    road = Roadway(lanes, width / lanes, (0.0, 0.0), SIGNS[side], motorway=False)
    site.world.patches.append(
        Patch(ribbon(middle, width / 2 + 1.6), shaded(site.look.paving, 1.05), SIDE_LAYER)
    )
    pave(site, middle, road, ground, ROAD_LAYER)
    mark(site, middle, road, ground)


def _grow_verges(site: Site, section: Section, path: Points) -> None:
    density = site.style.trees_per_are * site.look.lushness
    for side, sign in enumerate(SIGNS):
        width = section.verges_m[side]
        if width < 5:
            continue
        strip = ribbon(beside(path, sign * (section.edge_m(side) + width / 2)), width / 2 - 1.5)
        ares = width * len(path) * STEP_M / 100
        plant(site, strip, site.uniform(0, 2.2) * density * ares, [])
        plant(site, strip, site.uniform(0, 4) * site.look.lushness * ares, [], scale=0.45)


def join_streets(site: Site, mouths: Corridor, ground: Ground, streets: list[Street]) -> None:
    """Pave again the last metres of streets, which the verge hides, so that they meet the road alongside.

    Args:
        site: receives them.
        mouths: the strip that streets are to cross.
        ground: their pavement.
        streets: all streets; those that do not reach through the strip stay as they are.
    """
    for street in streets:
        way = site.frame.line(street.start, street.end, 2.0)
        cuts = np.flatnonzero(np.diff(mouths.holds(way).astype(np.int8))) + 1
        if len(cuts) > 1 and cuts[1] - cuts[0] > 1 and site.meets(way[cuts[0] : cuts[1]]):
            mouth = ribbon(way[cuts[0] : cuts[1]], street.width_m / 2)
            site.world.patches.append(Patch(mouth, ground, SIDE_LAYER))
