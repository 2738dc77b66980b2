"""Trees and hedges: crowns are relief, so that sun and shadow shape them."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from segrun_train.synthetic.canvas import Canvas, draw_line
from segrun_train.synthetic.light import Sun
from segrun_train.synthetic.noise import noise_window
from segrun_train.synthetic.world import TREE, Hedge, Tree

_SPRITES = 20
_SIDE = 64


@lru_cache(maxsize=1)
def _crowns() -> npt.NDArray[np.float32]:
    """Crown shapes, float32 [20, 64, 64] in [0, 1]: lumps on a dome, 0 outside."""
    rng = np.random.default_rng(5)
    axis = (np.arange(_SIDE) + 0.5) / (_SIDE / 2) - 1
    rows, cols = axis[:, None], axis[None, :]
    crowns = np.zeros((_SPRITES, _SIDE, _SIDE), np.float32)
    for crown in crowns:
        for _ in range(int(rng.integers(14, 34))):
            away, turn = 0.72 * np.sqrt(rng.random()), rng.uniform(0, 2 * np.pi)
            size = rng.uniform(0.16, 0.4) * (1.15 - 0.5 * away)
            square = ((rows - away * np.sin(turn)) ** 2 + (cols - away * np.cos(turn)) ** 2) / size**2
            lump = (1 - 0.75 * away**2) * (0.62 + 0.38 * np.sqrt(np.clip(1 - square, 0, 1)))
            np.maximum(crown, np.where(square < 1, lump, 0), out=crown)
    crowns.setflags(write=False)
    return crowns


def paint_trees(canvas: Canvas, trees: list[Tree], sun: Sun, lean: tuple[float, float], seed: int) -> None:
    """Paint crowns, low ones first; a crown covers what is lower than itself.

    Args:
        canvas: receives colour, relief, light and classes.
        trees: in order of height.
        sun: where the faint shadows of bare crowns fall.
        lean: metres (row, col) by which a top moves outwards per metre of height.
        seed: shifts the noise.
    """
    grain = noise_window(
        "grain", canvas.row0 + 19 * seed, canvas.col0 + 23 * seed, canvas.height, canvas.width
    )
    for tree in trees:
        row, col = tree.row + lean[0] * tree.height_m * 0.6, tree.col + lean[1] * tree.height_m * 0.6
        placed = _crown(canvas, tree, row, col)
        if tree.bare:
            length = 0.6 * tree.height_m / math.tan(sun.elevation)
            shade = _crown(canvas, tree, row - sun.toward[0] * length, col - sun.toward[1] * length)
            if shade is not None:
                canvas.light[shade[0]] *= 1 - np.float32(0.4) * shade[1]
        if placed is None:
            continue
        window, crown = placed
        if tree.bare:
            _paint_bare(canvas, tree, window, crown, grain[window])
        else:
            _paint_leaves(canvas, tree, window, crown, grain[window])


def _crown(
    canvas: Canvas, tree: Tree, row: float, col: float
) -> tuple[tuple[slice, slice], npt.NDArray[np.float32]] | None:
    """Return where a crown lies on the canvas and its shape there, or None where it misses."""
    side = max(2, round(2 * tree.radius_m / canvas.gsd_m))
    top = round(row / canvas.gsd_m - side / 2) - canvas.row0
    left = round(col / canvas.gsd_m - side / 2) - canvas.col0
    rows = slice(max(0, top), min(canvas.height, top + side))
    cols = slice(max(0, left), min(canvas.width, left + side))
    if rows.start >= rows.stop or cols.start >= cols.stop:
        return None
    shape = _crowns()[tree.sprite % _SPRITES]
    if tree.sprite & 32:
        shape = shape[::-1]
    if tree.sprite & 64:
        shape = shape.T
    crown = cv2.resize(shape, (side, side), interpolation=cv2.INTER_AREA)
    return (rows, cols), crown[rows.start - top : rows.stop - top, cols.start - left : cols.stop - left]


def _paint_leaves(
    canvas: Canvas,
    tree: Tree,
    window: tuple[slice, slice],
    crown: npt.NDArray[np.float32],
    rough: npt.NDArray[np.float32],
) -> None:
    ground = canvas.relief[window]
    height = crown * (np.float32(tree.height_m) + np.float32(0.1 * tree.height_m) * rough)
    seen = (crown > 0.25) & (height > ground)
    tone = np.float32(0.6) + np.float32(0.5) * crown + np.float32(0.08) * rough
    np.copyto(canvas.rgb[window], np.array(tree.colour, np.float32) * tone[..., None], where=seen[..., None])
    np.copyto(ground, height, where=seen)
    canvas.classes[window][seen] = TREE


def _paint_bare(
    canvas: Canvas,
    tree: Tree,
    window: tuple[slice, slice],
    crown: npt.NDArray[np.float32],
    rough: npt.NDArray[np.float32],
) -> None:
    """Paint twigs that the ground shines through; they are too thin to stand in the relief."""
    share = np.clip(crown * (np.float32(0.5) + np.float32(0.3) * rough), 0, 0.85)
    rgb = canvas.rgb[window]
    rgb += (np.array(tree.colour, np.float32) - rgb) * share[..., None]
    lower = canvas.relief[window] < tree.height_m
    canvas.classes[window][(crown > 0.4) & lower] = TREE


def paint_hedges(canvas: Canvas, hedges: list[Hedge], seed: int) -> None:
    """Paint clipped hedges."""
    clumps = noise_window(
        "clumps", canvas.row0 + 11 * seed, canvas.col0 + 13 * seed, canvas.height, canvas.width
    )
    for hedge in hedges:
        window = canvas.window(hedge.path, 4)
        if window is None:
            continue
        cover = np.zeros((window[0].stop - window[0].start, window[1].stop - window[1].start), np.uint8)
        pixels = canvas.to_pixels(hedge.path) - (window[0].start, window[1].start)
        draw_line(cover, pixels, max(1, round(hedge.width_m / canvas.gsd_m)))
        rough = clumps[window]
        seen = (cover > 110) & (rough > -1.4) & (canvas.relief[window] < hedge.height_m)
        tone = np.float32(0.9) + np.float32(0.12) * rough
        np.copyto(
            canvas.rgb[window], np.array(hedge.colour, np.float32) * tone[..., None], where=seen[..., None]
        )
        np.copyto(
            canvas.relief[window], np.float32(hedge.height_m) * (1 + np.float32(0.15) * rough), where=seen
        )
        canvas.classes[window][seen] = TREE
