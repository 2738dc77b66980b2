"""Railway tracks side by side on ballast: no road, though they run like one."""

from __future__ import annotations

import math

import numpy as np

from segrun_train.synthetic.look import varied
from segrun_train.synthetic.paths import along_path, beside, path_metres, ribbon
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.world import Box, Colour, Ground, Patch, Points, Stroke

TRACK_M = 4.4
_WAGONS: tuple[Colour, ...] = (
    (128, 74, 58),
    (96, 98, 102),
    (62, 84, 112),
    (186, 184, 178),
    (70, 66, 62),
    (150, 120, 86),
)


def lay_tracks(site: Site, path: Points, tracks: int, layer: int) -> None:
    """Lay tracks, now and then with a train.

    Args:
        site: receives them.
        path: the middle of all tracks, ground metres [n, 2].
        tracks: how many.
        layer: of the ballast.
    """
    brown = site.chance(0.6)
    colour = varied((128, 112, 100) if brown else (138, 134, 128), site.rng)
    ballast = Ground(colour, varied((98, 88, 80), site.rng), 0.7, 8)
    site.world.patches.append(Patch(ribbon(path, tracks * TRACK_M / 2 + 1.2), ballast, layer))
    rail = varied((176.0, 168.0, 160.0) if site.chance(0.4) else (84.0, 74.0, 68.0), site.rng)
    for track in range(tracks):
        middle = beside(path, (track - (tracks - 1) / 2) * TRACK_M)
        sleepers = Ground(varied((112, 100, 92), site.rng), (92, 82, 74), 0.6, 9)
        site.world.patches.append(Patch(ribbon(middle, 1.3), sleepers, layer))
        for side in (-0.72, 0.72):
            site.world.strokes.append(Stroke(beside(middle, side), 0.14, rail))
        if site.chance(0.14):
            _run_train(site, middle)


def _run_train(site: Site, path: Points) -> None:
    metres = path_metres(path)
    long = float(site.rng.choice([14.0, 18.0, 25.0]))
    colour = varied(_WAGONS[int(site.rng.random() * len(_WAGONS))], site.rng)
    first = site.uniform(0, metres[-1] * 0.7)
    for at in np.arange(first, min(first + site.uniform(60, 400), metres[-1] - long), long + 1.3).tolist():
        rear, front = along_path(path, metres, np.array([at, at + long]))
        row, col = ((rear + front) / 2).tolist()
        angle = math.atan2(front[0] - rear[0], front[1] - rear[1])
        site.world.boxes.append(Box(row, col, angle, long, 2.9, 3.8, varied(colour, site.rng), "block"))
