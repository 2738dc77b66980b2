"""Cars: parked along kerbs, on drives and in rows, and on the move."""

from __future__ import annotations

import math

import numpy as np

from segrun_train.synthetic.look import varied
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.world import Box, Colour, Points

_PAINTS: tuple[Colour, ...] = (
    (232, 232, 230), (225, 226, 226), (178, 180, 184), (150, 152, 156), (62, 64, 68), (42, 43, 47), (84, 88, 94),
    (128, 36, 36), (44, 62, 104), (92, 106, 124), (190, 186, 174), (210, 210, 210), (30, 31, 34),
)  # fmt: skip
_BODIES: tuple[Colour, ...] = (
    (234, 234, 230), (228, 228, 226), (206, 208, 210), (196, 188, 172), (150, 154, 158), (92, 110, 140), (168, 70, 60),
)  # fmt: skip


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
    steps = np.diff(path, axis=0)
    length = np.concatenate([[0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
    sides = [side for side in (-1, 1) if rng.random() < 0.7]
    for side in sides:
        places = np.arange(3, length[-1] - 3, 6.2)
        for at in places[rng.random(len(places)) < density]:
            _stand(site, path, length, float(at), side * max(0.9, half - 1.15))
    for at in rng.uniform(0, length[-1], rng.poisson(length[-1] / 160)):
        _stand(site, path, length, float(at), half * 0.45 * float(rng.choice([-1, 1])))


def _stand(site: Site, path: Points, length: Points, at: float, offset: float) -> None:
    rng = site.rng
    index = int(np.clip(np.searchsorted(length, at) - 1, 0, len(path) - 2))
    ahead = path[index + 1] - path[index]
    angle = math.atan2(ahead[0], ahead[1])
    share = (at - length[index]) / max(length[index + 1] - length[index], 1e-9)
    row, col = path[index] + share * ahead
    site.world.boxes.append(
        car(row + offset * math.cos(angle), col - offset * math.sin(angle), angle + rng.normal(0, 0.02), rng)
    )


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
        path: the lane's middle, ground metres [n, 2].
        lorries: share of lorries.
        gap_m: mean distance from one to the next, metres.
    """
    steps = np.diff(path, axis=0)
    length = np.concatenate([[0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
    at = float(site.rng.exponential(gap_m))
    while at < length[-1] - 10:
        index = int(np.clip(np.searchsorted(length, at) - 1, 0, len(path) - 2))
        row, col = (
            path[index] + (at - length[index]) / max(length[index + 1] - length[index], 1e-9) * steps[index]
        )
        angle = math.atan2(steps[index, 0], steps[index, 1]) + float(site.rng.normal(0, 0.012))
        off = float(site.rng.normal(0, 0.25))
        place = (float(row) + off * math.cos(angle), float(col) - off * math.sin(angle), angle)
        if site.chance(lorries):
            _lorry(site, place)
            at += 20.0
        else:
            site.world.boxes.append(car(*place, site.rng))
        at += 6.0 + float(site.rng.exponential(max(gap_m - 6.0, 1.0)))


def _lorry(site: Site, place: tuple[float, float, float]) -> None:
    row, col, angle = place
    length = site.uniform(7, 15)
    body = varied(_BODIES[int(site.rng.random() * len(_BODIES))], site.rng)
    cab = varied(_PAINTS[int(site.rng.random() * len(_PAINTS))], site.rng)
    ahead = length / 2 + 1.5
    site.world.boxes.append(Box(row, col, angle, length, 2.55, 3.9, body, "car"))
    site.world.boxes.append(
        Box(row + ahead * math.sin(angle), col + ahead * math.cos(angle), angle, 2.3, 2.4, 3.2, cab, "car")
    )
