"""Walls and crash barriers along a motorway, with the narrow shadow of a wall."""

from __future__ import annotations

import numpy as np

from segrun_train.synthetic.corridors import Corridor, outside
from segrun_train.synthetic.look import varied
from segrun_train.synthetic.paths import across, beside
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.world import Colour, Points, Stroke

RAIL: Colour = (134.0, 132.0, 128.0)
_CONCRETE: Colour = (196.0, 192.0, 184.0)
_SHADED: Colour = (66.0, 64.0, 62.0)


def stand_wall(site: Site, path: Points) -> None:
    """Stand a concrete wall on a path [n, 2], ground metres."""
    # A bend may turn its other side to the sun.
    shaded = np.where(across(path) @ site.look.sun.toward > 0, -0.5, 0.5)
    site.world.strokes.append(Stroke(beside(path, shaded), 0.6, _SHADED))
    site.world.strokes.append(Stroke(path, 0.6, varied(_CONCRETE, site.rng)))


def stand_barrier(site: Site, path: Points, mouths: list[Corridor]) -> None:
    """Stand a wall or a rail beside a carriageway.

    Args:
        site: receives it.
        path: its line, ground metres [n, 2].
        mouths: strips that it leaves open, where slip roads pass.
    """
    (parts,) = outside(mouths, [path])
    wall = site.chance(0.5)
    for part in parts:
        if wall:
            stand_wall(site, part)
        else:
            site.world.strokes.append(Stroke(part, 0.3, RAIL))
