"""What lies and stands on paved ground: bays, lanes, docks with lorries, containers, goods, tracks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from segrun_train.synthetic.frame import Rect
from segrun_train.synthetic.gardens import plant
from segrun_train.synthetic.look import scaled, shaded, varied
from segrun_train.synthetic.markings import WHITE, YELLOW
from segrun_train.synthetic.paths import ribbon
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.vehicles import park_rows
from segrun_train.synthetic.world import BACKGROUND, Box, Colour, Ground, Patch, Stroke

SLAB_LAYER = 2
BAY_M, ROW_M, AISLE_M = 2.5, 5.0, 6.0
_CONTAINERS: tuple[Colour, ...] = (
    (128, 74, 58), (62, 84, 112), (150, 148, 142), (88, 104, 88), (196, 194, 188), (172, 92, 60), (96, 98, 102),
)  # fmt: skip
_LORRIES: tuple[Colour, ...] = (
    (232, 232, 228), (226, 226, 224), (206, 208, 210), (150, 154, 158), (92, 110, 140), (70, 74, 80), (168, 70, 60),
    (214, 196, 140),
)  # fmt: skip
_GOODS: tuple[Colour, ...] = (
    (178, 152, 112), (150, 128, 96), (214, 212, 206), (110, 110, 108), (84, 104, 128), (140, 84, 64), (190, 180, 150),
)  # fmt: skip


def tar(site: Site) -> Ground:
    """Return paved ground that is no street: asphalt, concrete or slabs of about the settlement's colour."""
    look = site.look
    base = look.asphalt if site.chance(0.7) else look.paving
    return shaded(Ground(base.colour, base.other, 0.5, 4), float(site.rng.normal(1.02, 0.09)))


def lay_bays(site: Site, rect: Rect) -> None:
    """Mark bays in rows along s, park cars in them, and plant islands between some."""
    bays, rows = int(rect.length / BAY_M), max(1, 2 * int((rect.depth + AISLE_M) / (2 * ROW_M + AISLE_M)))
    if bays < 3 or rect.depth < ROW_M or not site.near(rect):
        return
    if rows * ROW_M + rows // 2 * AISLE_M > rect.depth + 0.5:
        rows = 1
    angle = site.frame.angle_at(*rect.middle)
    # A mirrored frame counts rows from the other side.
    corner = site.frame.place(rect.s0, rect.t1 if site.frame.swapped else rect.t0)
    park_rows(site, corner, angle, rows, bays)
    sin, cos = math.sin(angle), math.cos(angle)
    paint = WHITE if site.chance(0.65) else YELLOW
    across = site.chance(0.5)
    for line in range(rows):
        near = line * ROW_M + (line + 1) // 2 * AISLE_M
        spans = [((BAY_M * bay, near + 0.2), (BAY_M * bay, near + 4.8)) for bay in range(bays + 1)]
        if across:
            edge = near + (4.8 if line % 2 == 0 else 0.2)
            spans.append(((0.0, edge), (BAY_M * bays, edge)))
        for span in spans:
            ends = np.array(
                [
                    (corner[0] + along * sin + depth * cos, corner[1] + along * cos - depth * sin)
                    for along, depth in span
                ]
            )
            steps = 1 + int(np.hypot(*(ends[1] - ends[0])) / 6)
            path = ends[0] + (ends[1] - ends[0]) * np.linspace(0, 1, steps + 1)[:, None]
            site.world.strokes.append(Stroke(path, 0.12, paint))


def line_bays(site: Site, rect: Rect) -> None:
    """Fill a strip of any direction with one or two rows of bays."""
    if rect.depth > rect.length:
        site, rect = site.swapped(), rect.transposed()
    lay_bays(site, rect)


def dock_lorries(site: Site, wall: Rect, away: float) -> None:
    """Back lorries and trailers up to a wall.

    Args:
        site: receives them.
        wall: a line along s at the wall's t; s0 to s1 is where the gates are.
        away: which way along t the yard lies, +1 or -1.
    """
    filled = site.uniform(0.2, 0.85)
    apron = Rect(wall.s0, min(wall.t0, wall.t0 + away * 17), wall.s1, max(wall.t0, wall.t0 + away * 17))
    if site.chance(0.6):
        slab = shaded(site.look.paving if site.chance(0.5) else site.look.asphalt, site.uniform(0.85, 1.1))
        # A yard may look like a street, but is none.
        slab = replace(slab, class_index=BACKGROUND)
        site.world.patches.append(Patch(site.frame.corners(apron), slab, SLAB_LAYER))
    for s in np.arange(wall.s0 + 2.2, wall.s1 - 2, 4.0).tolist():
        if site.chance(filled):
            reach = site.uniform(0.2, 1.0)
            stand_lorry(site, s, wall.t0 + away * reach, s, wall.t0 + away * (reach + 1))
        if site.chance(0.6):
            path = site.frame.line((s + 2, wall.t0), (s + 2, wall.t0 + away * 13), 20.0)
            site.world.strokes.append(Stroke(path, 0.14, YELLOW if site.chance(0.2) else WHITE))


def stand_lorry(site: Site, s: float, t: float, to_s: float, to_t: float) -> None:
    """Add a lorry whose rear stands at (s, t) and which points to (to_s, to_t); some are trailers alone, some buses."""
    rear, ahead = site.frame.place(s, t), site.frame.place(to_s, to_t)
    angle = math.atan2(ahead[0] - rear[0], ahead[1] - rear[1])
    if not site.near(Rect(s - 16, t - 16, s + 16, t + 16)):
        return
    sin, cos = math.sin(angle), math.cos(angle)
    paint = varied(_LORRIES[int(site.rng.random() * len(_LORRIES))], site.rng)
    length = site.uniform(6.5, 13.6)

    def part(middle: float, long: float, wide: float, high: float, colour: Colour) -> Box:
        return Box(rear[0] + middle * sin, rear[1] + middle * cos, angle, long, wide, high, colour, "car")

    site.world.boxes.append(part(length / 2, length, 2.5, 3.9, paint))
    if site.chance(0.25):
        for share in (0.25, 0.55, 0.8):
            site.world.boxes.append(part(length * share, 1.6, 1.4, 4.9, scaled(paint, 0.85)))
    elif site.chance(0.75):
        cab = varied(_LORRIES[int(site.rng.random() * len(_LORRIES))], site.rng)
        site.world.boxes.append(part(length + 1.6, 2.2, 2.4, 3.5, cab))


def stack_goods(site: Site, rect: Rect) -> None:
    """Store containers, pallets or skips over part of a yard, in crooked rows."""
    angle = site.frame.angle_at(*rect.middle)
    crates = site.chance(0.55)
    step_s, step_t = (site.uniform(1.3, 2.8), site.uniform(1.3, 2.8)) if crates else (6.8, 3.0)
    colours = _GOODS if crates else _CONTAINERS
    for t in np.arange(rect.t0 + step_t, rect.t1 - step_t / 2, step_t).tolist()[:9]:
        for s in np.arange(rect.s0 + step_s, rect.s1 - step_s / 2, step_s).tolist()[:12]:
            if not site.chance(0.6):
                continue
            place = site.frame.place(s + site.uniform(-0.2, 0.2), t + site.uniform(-0.2, 0.2))
            colour = varied(colours[int(site.rng.random() * len(colours))], site.rng)
            turn = angle + float(site.rng.normal(0, 0.06 if crates else 0.01))
            size = (
                (step_s * site.uniform(0.5, 0.9), step_t * site.uniform(0.5, 0.9)) if crates else (6.1, 2.45)
            )
            height = site.uniform(0.4, 2.0) if crates else 2.6 if site.chance(0.7) else 5.2
            site.world.boxes.append(Box(*place, turn, *size, height, colour))


def lay_track(site: Site, rect: Rect) -> None:
    """Lay a railway siding along s: ballast, sleepers, rails, now and then a row of wagons."""
    middle = (rect.t0 + rect.t1) / 2
    path = site.frame.line((rect.s0, middle), (rect.s1, middle), 8.0)
    angle = site.frame.angle_at(*rect.middle)
    ballast = Ground((126, 116, 106), (104, 96, 90), 0.7, 8, furrow_m=0.65, furrow_angle=angle + math.pi / 2)
    site.world.patches.append(Patch(ribbon(path, 1.9), ballast, SLAB_LAYER))
    for side in (-0.72, 0.72):
        rail = site.frame.line((rect.s0, middle + side), (rect.s1, middle + side), 8.0)
        site.world.strokes.append(Stroke(rail, 0.12, (196.0, 190.0, 182.0)))
    if site.chance(0.4):
        colour = varied(_CONTAINERS[int(site.rng.random() * len(_CONTAINERS))], site.rng)
        start = site.uniform(rect.s0, rect.s1)
        for s in np.arange(start, min(rect.s1, start + 70) - 13, 14.5).tolist():
            place = site.frame.place(s + 7, middle)
            site.world.boxes.append(Box(*place, angle, 13.4, 2.7, 3.6, varied(colour, site.rng), "car"))


def green_strip(site: Site, rect: Rect) -> None:
    """Plant a strip of lawn with trees and bushes."""
    outline = site.frame.outline(rect)
    lawn = site.look.lawn if site.chance(0.6) else site.look.rough
    site.world.patches.append(Patch(outline, shaded(lawn, float(site.rng.normal(1, 0.08))), SLAB_LAYER))
    near = site.world.buildings[-12:]
    plant(site, outline, 1.6 * site.look.lushness * rect.ares, near)
    plant(site, outline, 5 * site.look.lushness * rect.ares, near, scale=0.42)
