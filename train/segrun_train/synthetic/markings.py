"""Paint on paved ground: lanes, zigzags, crossings."""

from __future__ import annotations

import math

import numpy as np

from segrun_train.synthetic.frame import Rect
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.world import Colour, Stroke

WHITE: Colour = (224.0, 224.0, 218.0)
YELLOW: Colour = (206.0, 180.0, 84.0)


def mark_lanes(site: Site, rect: Rect) -> None:
    """Paint lanes, hatches, stop lines and a crossing on a yard."""
    paint = YELLOW if site.chance(0.55) else WHITE
    for _ in range(1 + int(site.rng.random() * 3)):
        t = site.uniform(rect.t0, rect.t1)
        path = site.frame.line((rect.s0, t), (rect.s0 + rect.length * site.uniform(0.3, 1), t), 2.2)
        if site.chance(0.4):
            zigzag = np.array([(0.45 if index % 2 else -0.45) for index in range(len(path))])
            path = path + zigzag[:, None] * (math.cos(site.frame.angle), -math.sin(site.frame.angle))
        site.world.strokes.append(Stroke(path, 0.15, paint))
    lay_crossing(
        site, site.uniform(rect.s0, rect.s1), site.uniform(rect.t0, rect.t1), site.uniform(4, 9), paint
    )


def lay_crossing(site: Site, s: float, t: float, across: float, paint: Colour) -> None:
    """Paint a zebra crossing of ``across`` metres along t."""
    for bar in np.arange(0.0, across, 1.0).tolist():
        path = site.frame.line((s - 1.6, t + bar), (s + 1.6, t + bar), 10.0)
        site.world.strokes.append(Stroke(path, 0.5, paint))


def mark_bus_lane(site: Site, start: tuple[float, float], end: tuple[float, float], width_m: float) -> None:
    """Paint what wide town streets carry: a crossing near each end, a yellow lane line or zigzag."""
    if start[0] == end[0]:
        # Crossings are drawn for streets along s.
        site, start, end = site.swapped(), (start[1], start[0]), (end[1], end[0])
    paint = YELLOW if site.chance(0.5) else WHITE
    for s in (start[0], end[0]):
        for step in np.arange(-40.0, 41.0, 40.0).tolist():
            if site.chance(0.5):
                lay_crossing(
                    site, s + step + site.uniform(-8, 8), start[1] - width_m / 2 + 0.3, width_m - 0.6, paint
                )
    if site.chance(0.6):
        offset = width_m * site.uniform(0.15, 0.3) * (1 if site.chance(0.5) else -1)
        path = site.frame.line((start[0], start[1] + offset), (end[0], end[1] + offset), 8.0)
        site.world.strokes.append(Stroke(path, 0.16, YELLOW))
