"""Bridges that lead streets over a motorway."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from segrun_train.synthetic.corridors import Corridor, clear_low
from segrun_train.synthetic.look import scaled, shaded
from segrun_train.synthetic.markings import YELLOW
from segrun_train.synthetic.paths import STEP_M, beside, ribbon
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.streets import Street
from segrun_train.synthetic.vehicles import drive_along, keep_right
from segrun_train.synthetic.world import Patch, Points, Stroke

DECK_LAYER = 16
_CLEARANCE_M = 5.5
# How much longer slip roads may make a bridge.
_SLIPS_M = 60.0
# From the carriageway to the edge of the bridge.
_EDGE_M = 1.8


def span(site: Site, strips: Sequence[Corridor], streets: list[Street]) -> None:
    """Lead about half of the streets that meet a motorway over it and its slip roads.

    Args:
        site: receives the bridges.
        strips: the motorway's strip, and after it those of its slip roads.
        streets: all streets of the settlement.
    """
    decks: list[tuple[Points, float]] = []
    for street in streets:
        if not street.paved or street.width_m < 6:
            continue
        path = site.frame.line(street.start, street.end, STEP_M)
        inside = np.flatnonzero(np.any([strip.holds(path) for strip in strips], axis=0))
        if len(inside) < 3 or inside[0] == 0 or inside[-1] == len(path) - 1 or not site.chance(0.5):
            continue
        deck = path[max(0, inside[0] - 2) : inside[-1] + 3]
        own, length_m = strips[0].holds(deck), STEP_M * len(deck)
        # A street that meets the motorway at a small angle joins it or ends; nobody builds so long a bridge.
        if own.any() and length_m < 3 * strips[0].half_m + _SLIPS_M + 4 * STEP_M and site.meets(deck):
            decks.append((deck, street.width_m / 2))
    clear_low(site.world, [Corridor(deck, half_m + _EDGE_M) for deck, half_m in decks])
    for deck, half_m in decks:
        _lay_deck(site, deck, half_m)


def _lay_deck(site: Site, path: Points, half_m: float) -> None:
    world, concrete = site.world, site.look.paving
    edge_m = half_m + _EDGE_M
    world.patches.append(Patch(ribbon(path, edge_m), concrete, DECK_LAYER))
    road = shaded(site.look.asphalt, site.uniform(0.9, 1.1))
    world.patches.append(Patch(ribbon(path, half_m), road, DECK_LAYER + 1))
    _shade(site, path, edge_m)
    for side in (-edge_m + 0.2, edge_m - 0.2):
        world.strokes.append(Stroke(beside(path, side), 0.35, scaled(concrete.colour, 1.12)))
    world.strokes.append(Stroke(path, 0.15, YELLOW))
    for side in (-half_m / 2, half_m / 2):
        drive_along(site, keep_right(beside(path, side), side), lorries=0.05, gap_m=60.0)


def _shade(site: Site, path: Points, edge_m: float) -> None:
    """Keep the sun from the strip beside the deck."""
    away = -np.array(site.look.sun.toward) * _CLEARANCE_M / math.tan(site.look.sun.elevation)
    ahead = path[-1] - path[0]
    across = float(away @ (-ahead[1], ahead[0])) / float(np.hypot(*ahead))
    if abs(across) > 0.6:
        middle = beside(path, math.copysign(edge_m + abs(across) / 2, across))
        site.world.shades.append(ribbon(middle, abs(across) / 2))
