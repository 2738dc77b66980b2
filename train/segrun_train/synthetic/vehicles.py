"""Cars: parked along kerbs, on drives and in rows, and on the move."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from segrun_train.synthetic.look import varied
from segrun_train.synthetic.paths import path_metres, stand_at
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.world import Box, Colour, Points

_PAINTS: tuple[Colour, ...] = (
    (232, 232, 230), (225, 226, 226), (178, 180, 184), (150, 152, 156), (62, 64, 68), (42, 43, 47), (84, 88, 94),
    (128, 36, 36), (44, 62, 104), (92, 106, 124), (190, 186, 174), (210, 210, 210), (30, 31, 34),
)  # fmt: skip
_BODIES: tuple[Colour, ...] = (
    (234, 234, 230), (228, 228, 226), (206, 208, 210), (196, 188, 172), (150, 154, 158), (92, 110, 140), (168, 70, 60),
)  # fmt: skip
# The least that vehicles in a lane keep between them.
_BUMPER_M = 1.6


def car(row: float, col: float, angle: float, rng: np.random.Generator) -> Box:
    """Return one car, now and then a van or a lorry."""
    kind = rng.random()
    length, width, height = (4.4, 1.8, 1.5) if kind < 0.88 else (5.6, 2.1, 2.3)
    if kind > 0.97:
        length, width, height = 9.0, 2.5, 3.4
    paint = _PAINTS[rng.integers(len(_PAINTS))] if kind < 0.88 else (226.0, 226.0, 224.0)
    stretch = float(rng.uniform(0.92, 1.08))
    return Box(row, col, angle, length * stretch, width, height, paint, "car")


def park_along(site: Site, path: Points, half: float, density: float) -> None:
    """Add cars beside the kerbs of a street, and a few that drive.

    Args:
        site: receives the cars.
        path: the street's middle, ground metres [n, 2].
        half: half its width, metres.
        density: share of the places that are taken.
    """
    rng = site.rng
    length = path_metres(path)
    sides = [side for side in (-1, 1) if rng.random() < 0.7]
    for side in sides:
        places = np.arange(3, length[-1] - 3, 6.2)
        for at in places[rng.random(len(places)) < density]:
            _stand(site, path, length, float(at), side * max(0.9, half - 1.15))
    for at in rng.uniform(0, length[-1], rng.poisson(length[-1] / 160)):
        _stand(site, path, length, float(at), half * 0.45 * float(rng.choice([-1, 1])))


def _stand(site: Site, path: Points, length: Points, at: float, offset: float) -> None:
    row, col, angle = stand_at(path, length, at, -offset)
    site.world.boxes.append(car(row, col, angle + site.rng.normal(0, 0.02), site.rng))


def park_rows(site: Site, corner: tuple[float, float], angle: float, rows: int, bays: int) -> None:
    """Fill rows of bays with cars; bays are 2.5 m wide, rows 5 m deep with 6 m between every second.

    Args:
        site: receives the cars.
        corner: ground place of the first bay, metres.
        angle: direction of a row.
        rows: number of rows.
        bays: bays in a row.
    """
    rng = site.rng
    sin, cos = math.sin(angle), math.cos(angle)
    filled = float(rng.uniform(0.25, 0.85))
    for line in range(rows):
        depth = 2.5 + line * 5.0 + (line + 1) // 2 * 6.0
        for bay in np.flatnonzero(rng.random(bays) < filled):
            along = 1.25 + 2.5 * float(bay)
            row, col = corner[0] + along * sin + depth * cos, corner[1] + along * cos - depth * sin
            site.world.boxes.append(car(row, col, angle + math.pi / 2 + float(rng.normal(0, 0.03)), rng))


def drive_along(site: Site, path: Points, *, lorries: float, gap_m: float) -> None:
    """Add vehicles that drive in one lane.

    Args:
        site: receives them.
        path: the lane's middle in the direction of traffic, ground metres [n, 2].
        lorries: share of lorries.
        gap_m: mean distance from one car to the next, middle to middle, metres.
    """
    length = path_metres(path)
    free = float(site.rng.exponential(gap_m))
    while free < length[-1]:
        parts = _lorry(site) if site.chance(lorries) else [car(0.0, 0.0, 0.0, site.rng)]
        rear, front = parts[0].col - parts[0].length_m / 2, parts[-1].col + parts[-1].length_m / 2
        at = free - rear
        if at + front > length[-1]:
            return
        row, col, angle = stand_at(path, length, at, float(site.rng.normal(0, 0.25)))
        angle += float(site.rng.normal(0, 0.012))
        sin, cos = math.sin(angle), math.cos(angle)
        site.world.boxes += [
            replace(part, row=row + part.col * sin, col=col + part.col * cos, angle=angle) for part in parts
        ]
        free = at + front + _BUMPER_M + float(site.rng.exponential(max(gap_m - 6.0, 1.0)))


def keep_right(lane: Points, side: float) -> Points:
    """Return a lane [n, 2] in the direction of its traffic.

    Args:
        lane: its middle, in the direction of the road's path.
        side: on which side of that path it lies, below or above 0 as offsets are counted; those above lie on the left.
    """
    return lane if side < 0 else lane[::-1]


def _lorry(site: Site) -> list[Box]:
    """Return body and cab of a lorry that drives along the columns' axis, the body's middle at 0."""
    length = site.uniform(7, 15)
    body = varied(_BODIES[int(site.rng.random() * len(_BODIES))], site.rng)
    cab = varied(_PAINTS[int(site.rng.random() * len(_PAINTS))], site.rng)
    return [
        Box(0.0, 0.0, 0.0, length, 2.55, 3.9, body, "car"),
        Box(0.0, length / 2 + 1.5, 0.0, 2.3, 2.4, 3.2, cab, "car"),
    ]
