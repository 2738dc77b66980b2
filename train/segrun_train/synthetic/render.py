"""From a world to light on a sensor: one window at a time, each as if the whole scene were painted."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from segrun_train.synthetic.canvas import fill, new_canvas
from segrun_train.synthetic.light import cast_shadow
from segrun_train.synthetic.look import Look
from segrun_train.synthetic.paint_green import paint_hedges, paint_trees
from segrun_train.synthetic.paint_ground import paint_boxes, paint_ground, paint_strokes
from segrun_train.synthetic.paint_roofs import paint_building
from segrun_train.synthetic.sensor import expose
from segrun_train.synthetic.world import CAR, ROAD, TREE, World
from segrun_train.synthetic.world_index import WorldIndex

_RIM_PX = 16  # pixels that blur and sharpening look at beyond a window
_FARTHEST_SHADOW_M = 34.0


class Renderer:
    """Paints windows of one world.

    Args:
        world: what to paint; must not change afterwards.
        look: light, lean and camera.
        gsd_m: metres per pixel.
        seed: chooses the noise.
    """

    def __init__(self, world: World, look: Look, gsd_m: float, seed: int) -> None:
        self._index = WorldIndex(world)
        self._look = look
        self._gsd_m = gsd_m
        self._seed = seed
        tops = [building.ridge_m for building in world.buildings] + [tree.height_m for tree in world.trees]
        shadow_m = max(tops, default=0.0) / math.tan(look.sun.elevation)
        self._reach_px = math.ceil(min(_FARTHEST_SHADOW_M, shadow_m) / gsd_m)

    def draw(
        self, rows: slice, cols: slice
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
        """Paint one window, wider on the side from which shadows come, and photograph it.

        Args:
            rows: rows of the scene.
            cols: columns of the scene.
        Returns:
            uint8 [h, w, 3] RGB before compression, the classes uint8 [h, w], and bool [h, w] where the ground is a
            carriageway that no building covers.
        """
        look, gsd_m, seed = self._look, self._gsd_m, self._seed
        height, width = rows.stop - rows.start, cols.stop - cols.start
        down, right = look.sun.toward
        reach = self._reach_px
        above, below = _RIM_PX + round(max(0, -down) * reach), _RIM_PX + round(max(0, down) * reach)
        before, after = _RIM_PX + round(max(0, -right) * reach), _RIM_PX + round(max(0, right) * reach)
        canvas = new_canvas(
            rows.start - above, cols.start - before, height + above + below, width + before + after, gsd_m
        )
        top, left = canvas.row0 * gsd_m, canvas.col0 * gsd_m
        world = self._index.near((top, left), (top + canvas.height * gsd_m, left + canvas.width * gsd_m))
        seen_rows = slice(above - _RIM_PX, above + height + _RIM_PX)
        seen_cols = slice(before - _RIM_PX, before + width + _RIM_PX)
        seen = canvas.part(seen_rows, seen_cols)
        paint_ground(seen, world.patches, look.lawn, seed)
        roads = seen.classes == ROAD
        for shade in world.shades:
            fill(seen.light, seen.to_pixels(shade), 0.0)
        paint_strokes(seen, world.strokes)
        paint_boxes(canvas, world.boxes)
        for building in world.buildings:
            paint_building(canvas, building, look.sun, look.lean, seed)
        roads &= (seen.classes == ROAD) | (seen.classes == CAR)
        paint_hedges(canvas, world.hedges, seed)
        paint_trees(canvas, world.trees, look.sun, look.lean, seed)
        shadow = cast_shadow(canvas.relief, look.sun, gsd_m)[seen_rows, seen_cols]
        # Light filters through leaves: a crown's dark side is less dark than a wall's.
        leaves = np.float32(0.4) + np.float32(0.62) * look.sun.on_relief(seen.relief, gsd_m)
        np.copyto(seen.light, leaves, where=(seen.classes == TREE) & (seen.relief > 0))
        # Masks and relief are drawn without smoothing; this is the smoothing.
        direct = cv2.GaussianBlur(seen.light * (1 - shadow), (3, 3), 0.6)
        for band, ambient in enumerate(look.sun.ambient):
            seen.rgb[..., band] *= np.float32(ambient) + np.float32(1 - ambient) * direct
        picture = expose(seen.rgb, look.sensor, seen.row0, seen.col0, seed)
        core = slice(_RIM_PX, -_RIM_PX)
        return picture[core, core], seen.classes[core, core], roads[core, core]
