"""Ground, roads and lines, and the low things that stand on them."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import numpy.typing as npt

from segrun_train.synthetic.canvas import Canvas, densified, draw_line, fill
from segrun_train.synthetic.gardens import rectangle
from segrun_train.synthetic.noise import noise_window
from segrun_train.synthetic.world import CAR, Box, Colour, Ground, Patch, Stroke


def paint_ground(canvas: Canvas, patches: list[Patch], base: Ground, seed: int) -> None:
    """Paint all patches at once: polygons choose an index, tables turn it into colour.

    Args:
        canvas: receives colour and classes.
        patches: in the order in which they cover each other.
        base: what lies where no patch does.
        seed: shifts the noise.
    """
    index = np.zeros((canvas.height, canvas.width), np.uint16)
    grounds = [base]
    furrowed: list[Patch] = []
    for patch in patches:
        if canvas.window(patch.polygon, 0) is None:
            continue
        outline = canvas.to_pixels(patch.polygon)
        fill(index, densified(outline) if len(outline) == 4 else outline, float(len(grounds)))
        grounds.append(patch.ground)
        if patch.ground.furrow_m > 2.2 * canvas.gsd_m:
            furrowed.append(patch)
    row, col = canvas.row0 + 613 * seed, canvas.col0 + 271 * seed
    size = canvas.height, canvas.width
    clouds = noise_window("clouds", row, col, *size)
    clumps = noise_window("clumps", row, col + 400, *size)
    grain = noise_window("grain", row + 300, col, *size)
    table = np.array([ground.colour for ground in grounds], np.float32)
    step = np.array([ground.other for ground in grounds], np.float32) - table
    mix = np.array([ground.mix for ground in grounds], np.float32)[index]
    grains = np.array([ground.grain for ground in grounds], np.float32)[index]
    share = np.clip(np.float32(0.35) + np.float32(0.35) * clouds + np.float32(0.12) * clumps, 0, 1) * mix
    rough = grains * (np.float32(0.7) * grain + np.float32(0.8) * clumps + np.float32(0.6) * clouds)
    canvas.rgb[...] = table[index] + step[index] * share[..., None] + rough[..., None]
    canvas.classes[...] = np.array([ground.class_index for ground in grounds], np.uint8)[index]
    for patch in furrowed:
        _plough(canvas, patch)


def _plough(canvas: Canvas, patch: Patch) -> None:
    window = canvas.window(patch.polygon, 0)
    if window is None:
        return
    inside = np.zeros((canvas.height, canvas.width), np.uint8)
    fill(inside, canvas.to_pixels(patch.polygon), 1.0)
    _, across = canvas.local_axes(window, 0.0, 0.0, patch.ground.furrow_angle)
    waves = np.sin(across * np.float32(2 * math.pi / patch.ground.furrow_m)) * inside[window]
    canvas.rgb[window] *= 1 + np.float32(0.055) * waves[..., None]


def paint_strokes(canvas: Canvas, strokes: list[Stroke]) -> None:
    """Paint thin lines, all of one colour together; a line thinner than a pixel is fainter."""
    groups: dict[Colour, list[Stroke]] = defaultdict(list)
    for stroke in strokes:
        if canvas.window(stroke.path) is not None:
            groups[stroke.colour].append(stroke)
    for colour, group in groups.items():
        cover = np.zeros((canvas.height, canvas.width), np.uint8)
        for stroke in group:
            width_px = stroke.width_m / canvas.gsd_m
            strength = round(255 * min(1.0, width_px + 0.1))
            draw_line(cover, canvas.to_pixels(stroke.path), max(1, round(width_px)), strength)
        rows, cols = np.nonzero(cover)
        share = cover[rows, cols, None] * np.float32(1 / 255)
        below = canvas.rgb[rows, cols]
        canvas.rgb[rows, cols] = below + (np.array(colour, np.float32) - below) * share


def paint_boxes(canvas: Canvas, boxes: list[Box]) -> None:
    """Paint cars and other small things."""
    for box in boxes:
        reach = (box.length_m + box.width_m) / 2
        if (
            canvas.window(np.array([[box.row - reach, box.col - reach], [box.row + reach, box.col + reach]]))
            is None
        ):
            continue
        if box.kind == "car":
            _paint_car(canvas, box)
            continue
        pixels = _disc(canvas, box) if box.kind == "disc" else _part(canvas, box, 0.0, 1.0, 1.0)
        fill(canvas.rgb, pixels, box.colour)
        fill(canvas.relief, pixels, box.height_m)


def _paint_car(canvas: Canvas, box: Box) -> None:
    body = _part(canvas, box, 0.0, 1.0, 1.0)
    fill(canvas.rgb, body, box.colour)
    fill(canvas.relief, body, box.height_m * 0.8)
    fill(canvas.classes, body, float(CAR))
    if canvas.gsd_m > 0.45 or box.length_m > 8:
        return
    glass = (46.0, 52.0, 60.0)
    fill(canvas.rgb, _part(canvas, box, 0.02, 0.62, 0.84), glass)
    fill(
        canvas.rgb,
        _part(canvas, box, 0.04, 0.36, 0.8),
        tuple(min(250.0, channel * 1.04) for channel in box.colour),
    )


def _part(canvas: Canvas, box: Box, ahead: float, long: float, wide: float) -> npt.NDArray[np.float64]:
    """Corners of a part of a box in pixels; half a pixel is taken off, since filling covers the outline too."""
    length = max(box.length_m * long - 0.7 * canvas.gsd_m, 0.05)
    width = max(box.width_m * wide - 0.7 * canvas.gsd_m, 0.05)
    row = box.row - ahead * box.length_m * math.sin(box.angle)
    col = box.col - ahead * box.length_m * math.cos(box.angle)
    corners = canvas.to_pixels(rectangle(row, col, box.angle, length, width))
    return densified(corners) if box.length_m > 6 else corners


def _disc(canvas: Canvas, box: Box) -> npt.NDArray[np.float64]:
    turn = np.linspace(0, 2 * math.pi, 16, endpoint=False)
    ring = np.stack(
        [box.row + box.length_m / 2 * np.sin(turn), box.col + box.length_m / 2 * np.cos(turn)], axis=1
    )
    return canvas.to_pixels(ring)
