"""A drawn aerial scene with its masks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from segrun_train.synthetic.look import draw_look
from segrun_train.synthetic.plan import plan_world
from segrun_train.synthetic.render import Renderer
from segrun_train.synthetic.sensor import compress
from segrun_train.synthetic.style import pick_style
from segrun_train.synthetic.world import ROOF

CHUNK_PX = 1536
GSD_RANGE_CM = (4.0, 100.0)
Truth = Literal["roof", "road"]


@dataclass(frozen=True)
class Scene:
    """One drawn picture and what it shows.

    Args:
        pixels: uint8 [h, w, 3], RGB.
        roofs: uint8 [h, w], 255 where a roof is seen from above, else 0.
        roads: uint8 [h, w], 255 where the ground is a carriageway, else 0: also under cars, crowns, shadows and
            lines, as people label roads, but not under buildings. Car parks, drives and pavements are no roads.
        classes: uint8 [h, w], an index into ``CLASS_NAMES``: background, roof, road, tree, car, water.
        gsd_cm: centimetres on the ground per pixel.
        style: kind of settlement.
    """

    pixels: npt.NDArray[np.uint8]
    roofs: npt.NDArray[np.uint8]
    roads: npt.NDArray[np.uint8]
    classes: npt.NDArray[np.uint8]
    gsd_cm: float
    style: str

    def mask(self, truth: Truth) -> npt.NDArray[np.uint8]:
        """Return the mask of one thing, uint8 [h, w], 0 and 255."""
        return self.roads if truth == "road" else self.roofs


def draw_scene(
    seed: int,
    height: int,
    width: int,
    gsd_cm: float = 25.0,
    style: str | None = None,
    *,
    chunk_px: int = CHUNK_PX,
) -> Scene:
    """Draw one scene; the same arguments always give the same pixels.

    Roofs are marked where they are seen: a crown or a taller neighbour that covers a roof takes its pixels.

    Args:
        seed: any integer from 0.
        height: rows, pixels.
        width: columns, pixels.
        gsd_cm: centimetres on the ground per pixel, 4 to 100.
        style: one of ``STYLES``; None draws one.
        chunk_px: largest side that is painted at once; bounds memory, does not change the scene.
    Returns:
        the scene.
    Raises:
        ValueError: a size, the GSD, the seed or the style is out of range.
    """
    if height < 1 or width < 1:
        raise ValueError(f"height and width must be positive. Received: height={height}, width={width}.")
    if not GSD_RANGE_CM[0] <= gsd_cm <= GSD_RANGE_CM[1]:
        raise ValueError(
            f"gsd_cm must lie within {GSD_RANGE_CM[0]:g} to {GSD_RANGE_CM[1]:g}. Received: {gsd_cm}."
        )
    if seed < 0:
        raise ValueError(f"seed must not be negative. Received: seed={seed}.")
    rng = np.random.default_rng([seed, 0])
    kind = pick_style(style, rng)
    look = draw_look(kind, rng)
    gsd_m = gsd_cm / 100
    world = plan_world(height * gsd_m, width * gsd_m, kind, look, seed)
    renderer = Renderer(world, look, gsd_m, seed % 997)
    pixels = np.empty((height, width, 3), np.uint8)
    classes = np.empty((height, width), np.uint8)
    roads = np.empty((height, width), np.bool_)
    for row in range(0, height, chunk_px):
        for col in range(0, width, chunk_px):
            rows, cols = slice(row, min(row + chunk_px, height)), slice(col, min(col + chunk_px, width))
            pixels[rows, cols], classes[rows, cols], roads[rows, cols] = renderer.draw(rows, cols)
    roofs, marked = (np.where(seen, np.uint8(255), np.uint8(0)) for seen in (classes == ROOF, roads))
    return Scene(compress(pixels, look.sensor.jpeg_quality), roofs, marked, classes, float(gsd_cm), kind.name)
