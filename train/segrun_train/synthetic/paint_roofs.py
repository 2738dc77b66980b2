"""Roofs: every wing is a height per pixel, planes meet in ridges by themselves, each plane has its own light."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from segrun_train.synthetic.canvas import Canvas, densified, fill
from segrun_train.synthetic.gardens import rectangle
from segrun_train.synthetic.light import Sun
from segrun_train.synthetic.noise import SIDE_PX, noise_window
from segrun_train.synthetic.world import ROOF, Building, Points, RoofMaterial, Wing

Layer = npt.NDArray[np.float32]
Facets = npt.NDArray[np.uint8]
# The planes of a roof by the direction in which they rise: along+, along-, across+, across-, flat.
_RISES = ((1, 0), (-1, 0), (0, 1), (0, -1), (0, 0))


@dataclass(frozen=True)
class _Roof:
    """A building's roof per pixel of its window, all [h, w].

    ``along`` and ``across`` are metres from its middle, ``height`` metres above ground, ``plane`` the number of the
    plane (5 per wing), ``inside`` the signed distance to the outline in metres.
    """

    along: Layer
    across: Layer
    height: Layer
    plane: Facets
    inside: Layer


def paint_building(
    canvas: Canvas, building: Building, sun: Sun, lean: tuple[float, float], seed: int
) -> None:
    """Paint walls (where the camera sees them), roof and what stands on it.

    Args:
        canvas: receives colour, relief, light and classes.
        building: what to paint.
        sun: lights the planes.
        lean: metres (row, col) by which a top moves outwards per metre of height.
        seed: shifts the noise.
    """
    row = building.row + lean[0] * building.eave_m
    col = building.col + lean[1] * building.eave_m
    reach = building.reach_m
    low, high = (
        np.minimum((row, col), (building.row, building.col)),
        np.maximum((row, col), (building.row, building.col)),
    )
    window = canvas.window(np.stack([low - reach, high + reach]))
    if window is None:
        return
    _paint_walls(canvas, building, sun, lean)
    along, across = canvas.local_axes(window, row, col, building.angle)
    roof = _roof_relief(building.wings, along, across)
    if building.parapet_m:
        roof.height[roof.inside < max(0.4, 0.7 * canvas.gsd_m)] += np.float32(building.parapet_m)
    lights = _plane_light(building, sun)
    cover = np.clip(roof.inside * np.float32(1 / canvas.gsd_m) + np.float32(0.5), 0, 1)
    solid = roof.inside > 0
    colour = _covering(canvas, building, window, roof, seed)
    if building.tints:
        colour *= _tint_layer(canvas, building, window, lean)[..., None]
    rgb = canvas.rgb[window]
    rgb += (colour - rgb) * cover[..., None]
    np.copyto(canvas.relief[window], roof.height, where=solid)
    np.copyto(canvas.light[window], lights[roof.plane], where=solid)
    canvas.classes[window][solid] = ROOF
    _paint_details(canvas, building, row, col)


def _roof_relief(wings: tuple[Wing, ...], along: Layer, across: Layer) -> _Roof:
    """Raise all wings; where two overlap the higher one shows."""
    height = np.full(along.shape, -1, np.float32)
    inside = np.full(along.shape, -1e3, np.float32)
    plane = np.zeros(along.shape, np.uint8)
    for number, wing in enumerate(wings):
        own_along, own_across = along - np.float32(wing.along), across - np.float32(wing.across)
        to_end = np.float32(wing.half_along) - np.abs(own_along)
        to_side = np.float32(wing.half_across) - np.abs(own_across)
        edge = np.minimum(to_end, to_side)
        if wing.chamfer_m:
            corner = (to_end + to_side - np.float32(wing.chamfer_m)) * np.float32(math.sqrt(0.5))
            edge = np.minimum(edge, corner)
        top, facet = _wing_relief(wing, own_along, own_across, to_end, to_side)
        higher = (top > height) & (edge > 0)
        np.copyto(height, top, where=higher)
        np.copyto(plane, facet + np.uint8(5 * number), where=higher | ((edge > inside) & (inside < 0)))
        np.maximum(inside, edge, out=inside)
    return _Roof(along, across, height, plane, inside)


def _wing_relief(
    wing: Wing, along: Layer, across: Layer, to_end: Layer, to_side: Layer
) -> tuple[Layer, Facets]:
    slope, eave = np.float32(wing.slope), np.float32(wing.eave_m)
    by_side = np.where(across < 0, np.uint8(2), np.uint8(3))
    by_end = np.where(along < 0, np.uint8(0), np.uint8(1))
    if wing.shape == "flat":
        return np.full(along.shape, eave, np.float32), np.full(along.shape, 4, np.uint8)
    if wing.shape == "saw":
        rising, half = (along, wing.half_along) if wing.turned else (across, wing.half_across)
        facing = np.full(along.shape, 0 if wing.turned else 2, np.uint8)
        return eave + slope * np.mod(rising + np.float32(half), np.float32(wing.tooth_m)), facing
    if wing.turned:
        to_end, to_side, by_end, by_side = to_side, to_end, by_side, by_end
    if wing.shape == "shed":
        if wing.turned:
            return eave + slope * (along + np.float32(wing.half_along)), np.zeros(along.shape, np.uint8)
        return eave + slope * (across + np.float32(wing.half_across)), np.full(along.shape, 2, np.uint8)
    if wing.shape == "gable":
        return eave + slope * to_side, by_side
    narrow = min(wing.half_along, wing.half_across)
    start = np.float32(0.45 * narrow if wing.shape == "half-hip" else 0.0)
    hipped = to_end + start < to_side
    return eave + slope * np.where(hipped, to_end + start, to_side), np.where(hipped, by_end, by_side)


def _plane_light(building: Building, sun: Sun) -> Layer:
    """Light of each plane number, float32 [5 * wings]."""
    sin, cos = math.sin(building.angle), math.cos(building.angle)
    return np.array(
        [
            sun.on_plane(wing.slope * (along * sin + across * cos), wing.slope * (along * cos - across * sin))
            for wing in building.wings
            for along, across in _RISES
        ],
        np.float32,
    )


def _covering(
    canvas: Canvas, building: Building, window: tuple[slice, slice], roof: _Roof, seed: int
) -> Layer:
    """Return the colour of the covering, float32 [h, w, 3]."""
    material, main = building.material, building.wings[0]
    row = canvas.row0 + window[0].start + 89 * seed + 7 * int(building.row)
    col = canvas.col0 + window[1].start + 31 * seed + 7 * int(building.col)
    height, width = roof.along.shape
    clouds = noise_window("clouds", row, col, height, width)
    clumps = noise_window("clumps", row + 500, col, height, width)
    grain = noise_window("grain", row, col + 500, height, width)
    ridge_axis, down_axis = (roof.across, roof.along) if main.turned else (roof.along, roof.across)
    tone = 1 + np.float32(material.blotch) * clouds
    stain = np.clip(np.float32(0.4) * clouds + np.float32(0.35) * clumps + np.float32(0.15), 0, 1)
    if material.seam_m > 1.6 * canvas.gsd_m:
        sheet = np.floor(ridge_axis * np.float32(1 / material.seam_m)).astype(np.int32)
        lot = noise_window("grain", 89 * seed + 7 * int(building.row), 0, 1, SIDE_PX)[0][sheet % SIDE_PX]
        tone += np.float32(material.seam * 0.5) * lot
        stain = np.clip(stain + np.float32(0.35) * lot * np.float32(material.mix), 0, 1)
    if material.rib and material.seam_m > 2.2 * canvas.gsd_m:
        tone -= np.float32(material.rib) * np.cos(ridge_axis * np.float32(2 * math.pi / material.seam_m)) ** 3
    if material.course_m > 1.9 * canvas.gsd_m:
        tone += np.float32(0.05) * np.sin(down_axis * np.float32(2 * math.pi / material.course_m))
    tone *= _edges(roof, material, canvas.gsd_m)
    base = np.array(material.colour, np.float32)
    step = np.array(material.other, np.float32) - base
    colour = base + step * (stain * np.float32(material.mix))[..., None]
    return (
        colour * tone[..., None]
        + (np.float32(material.grain) * (np.float32(0.6) * grain + np.float32(0.5) * clumps))[..., None]
    )


def _tint_layer(
    canvas: Canvas, building: Building, window: tuple[slice, slice], lean: tuple[float, float]
) -> Layer:
    """Return how much brighter or darker each pixel of the window is for the roof's patches, float32 [h, w]."""
    layer = np.ones((window[0].stop - window[0].start, window[1].stop - window[1].start), np.float32)
    sin, cos = math.sin(building.angle), math.cos(building.angle)
    for tint in building.tints:
        row = building.row + lean[0] * building.eave_m + tint.along * sin + tint.across * cos
        col = building.col + lean[1] * building.eave_m + tint.along * cos - tint.across * sin
        length, width = 2 * tint.half_along, 2 * tint.half_across
        strength = min(1.0, min(length, width) / canvas.gsd_m)
        thin = 0.7 * canvas.gsd_m
        outline = rectangle(row, col, building.angle, max(length - thin, 0.02), max(width - thin, 0.02))
        pixels = densified(canvas.to_pixels(outline) - (window[0].start, window[1].start))
        fill(layer, pixels, 1 + (tint.factor - 1) * strength)
    return layer


def _edges(roof: _Roof, material: RoofMaterial, gsd_m: float) -> Layer:
    """Return a factor for ridges, hips and valleys (where planes meet) and for the rim."""
    plane = roof.plane
    factor = np.ones(plane.shape, np.float32)
    meeting = np.zeros(plane.shape, bool)
    meeting[:, 1:] |= plane[:, 1:] != plane[:, :-1]
    meeting[1:] |= plane[1:] != plane[:-1]
    strength = min(1.0, 0.3 / gsd_m)
    factor[meeting] = 1 + (material.ridge - 1) * strength
    rim = roof.inside < max(0.28, 0.6 * gsd_m)
    factor[rim] *= 1 + (material.rim - 1) * min(1.0, 0.35 / gsd_m)
    return factor


def _paint_walls(canvas: Canvas, building: Building, sun: Sun, lean: tuple[float, float]) -> None:
    """Paint the hull between footprint and leaning roof; the roof then covers all but the visible walls."""
    amount = math.hypot(*lean)
    if amount * (building.eave_m - building.base_m) < 0.5 * canvas.gsd_m:
        return
    toward = sun.toward
    facing = -(lean[0] * toward[0] + lean[1] * toward[1]) / amount
    sin, cos = math.sin(building.angle), math.cos(building.angle)
    for wing in building.wings:
        row = building.row + wing.along * sin + wing.across * cos
        col = building.col + wing.along * cos - wing.across * sin
        outline = _footprint(wing, row, col, building.angle)
        base = outline + np.array(lean) * building.base_m
        top = outline + np.array(lean) * building.eave_m
        hull = cv2.convexHull(np.concatenate([base, top]).astype(np.float32))[:, 0].astype(np.float64)
        pixels = densified(canvas.to_pixels(hull))
        fill(canvas.rgb, pixels, building.wall)
        fill(canvas.light, pixels, max(0.0, facing) * 0.9)
        fill(canvas.relief, pixels, building.eave_m * 0.9)
        # The wall of a storey that stands on a roof hides roof, not ground.
        fill(canvas.classes, pixels, float(ROOF if building.base_m else 0))


def _footprint(wing: Wing, row: float, col: float, angle: float) -> Points:
    """Return the corners of a wing at a ground place, a little inside its roof."""
    long, wide = wing.half_along - 0.15, wing.half_across - 0.15
    if not wing.chamfer_m:
        return rectangle(row, col, angle, 2 * long, 2 * wide)
    cut = min(wing.chamfer_m, long, wide)
    parts = (
        rectangle(row, col, angle, 2 * (long - cut), 2 * wide),
        rectangle(row, col, angle, 2 * long, 2 * (wide - cut)),
    )
    return np.concatenate(parts)


def _height_at(wings: tuple[Wing, ...], along: float, across: float) -> float:
    """Return the height of the roof at one place, metres."""
    if all(wing.shape == "flat" for wing in wings):
        over = [
            wing.eave_m
            for wing in wings
            if abs(along - wing.along) < wing.half_along and abs(across - wing.across) < wing.half_across
        ]
        return max(over, default=wings[0].eave_m)
    place = (np.full((1, 1), value, np.float32) for value in (along, across))
    return float(_roof_relief(wings, *place).height[0, 0])


def _paint_details(canvas: Canvas, building: Building, row: float, col: float) -> None:
    sin, cos = math.sin(building.angle), math.cos(building.angle)
    low_row, low_col = canvas.row0 * canvas.gsd_m, canvas.col0 * canvas.gsd_m
    high_row, high_col = low_row + canvas.height * canvas.gsd_m, low_col + canvas.width * canvas.gsd_m
    for detail in building.details:
        if max(detail.half_along, detail.half_across) * 2.2 < canvas.gsd_m:
            continue
        at_row = row + detail.along * sin + detail.across * cos
        at_col = col + detail.along * cos - detail.across * sin
        length = max(2 * detail.half_along - 0.7 * canvas.gsd_m, 0.02)
        width = max(2 * detail.half_across - 0.7 * canvas.gsd_m, 0.02)
        reach = (length + width) / 2
        if not (low_row - reach < at_row < high_row + reach and low_col - reach < at_col < high_col + reach):
            continue
        pixels = canvas.to_pixels(rectangle(at_row, at_col, building.angle, length, width))
        if max(length, width) > 12 * canvas.gsd_m:
            pixels = densified(pixels)
        fill(canvas.rgb, pixels, detail.colour)
        if detail.rise_m:
            below = _height_at(building.wings, detail.along, detail.across)
            fill(canvas.relief, pixels, below + detail.rise_m)
            fill(canvas.light, pixels, 1.0)
