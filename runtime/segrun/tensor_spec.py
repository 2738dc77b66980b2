"""One input or output of a model file, and what its shape tells: where the channels are and how large a tile is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from segrun.errors import ModelError

Layout = Literal["nhwc", "nchw"]
MOST_CHANNELS = 32


@dataclass(frozen=True)
class TensorSpec:
    """One input or output of a model file: its name, ONNX type name and shape (None or a name where symbolic)."""

    name: str
    type: str
    shape: tuple[int | str | None, ...]


def input_layout(spec: TensorSpec, where: str) -> Layout:
    """Find the bands of an input: the few channels of an axis that is fixed.

    Raises:
        ModelError: either axis, or neither, may be the bands.
    """
    first, last = spec.shape[1], spec.shape[3]
    last_is_channels = isinstance(last, int) and last <= MOST_CHANNELS
    first_is_channels = isinstance(first, int) and first <= MOST_CHANNELS
    if last_is_channels == first_is_channels:
        raise ModelError(
            f"{where} does not say where its bands are. Received: {spec.shape}. Use --layout nhwc or nchw."
        )
    return "nhwc" if last_is_channels else "nchw"


def output_layout(spec: TensorSpec, tile: int, layout: Layout) -> Layout:
    """Find the classes beside two sides of a tile, symbolic ones among them; in doubt they lie where the bands do."""

    def fits(channels: int | str | None, *sides: int | str | None) -> bool:
        return isinstance(channels, int) and all(side == tile or not isinstance(side, int) for side in sides)

    _, first, second, last = spec.shape
    by_layout: dict[Layout, bool] = {"nhwc": fits(last, first, second), "nchw": fits(first, second, last)}
    fitting = [name for name, fit in by_layout.items() if fit]
    return fitting[0] if len(fitting) == 1 else layout


def tile_side(spec: TensorSpec, layout: Layout, stated: int, where: str) -> int:
    """Return the side of a tile, pixels: the file's own where it fixes one, else ``stated``.

    Args:
        spec: of the input.
        layout: of the input.
        stated: what the user, the card or the metadata says; 0 for nothing.
        where: the file's name, for messages.
    Raises:
        ModelError: nobody says it, the tiles are not square, or two say different things.
    """
    height, width = spec.shape[1:3] if layout == "nhwc" else spec.shape[2:4]
    if not (isinstance(height, int) and isinstance(width, int) and height > 0):
        if stated:
            return stated
        raise ModelError(
            f"{where} takes tiles of any size. Received: {spec.shape}. Choose one with --tile 256."
        )
    if height != width:
        raise ModelError(
            f"{where} takes tiles of {height}x{width}; segrun cuts squares. Export it with square tiles."
        )
    if stated not in (0, height):
        raise ModelError(f"{where} takes tiles of {height} pixels. Received: tile={stated}. Use {height}.")
    return height
