"""Real tiles with positives: what parity, golden tiles and calibration are computed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segrun.card import Activation
from segrun.errors import InputError
from segrun.grid import Grid
from segrun.mask_values import CLASS_ABOVE, value_trouble
from segrun.pairs import Pair
from segrun.pictures import read_mask, read_picture
from segrun.progress import Progress
from segrun.tiles import padded

MOST_TILES = 16
# Masks of this many pictures are looked at; more would not find better tiles, only take longer.
MOST_PICTURES = 200


@dataclass(frozen=True)
class ProofTiles:
    """Tiles cut from the user's own pictures.

    Args:
        pixels: uint8 [n, tile, tile, b].
        truth: uint8 [n, tile, tile], class indices.
        names: where each tile comes from, ``stem@row,col``.
    """

    pixels: npt.NDArray[np.uint8]
    truth: npt.NDArray[np.uint8]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class _Candidate:
    """A place in a picture: the smaller ``distance``, the closer its positives are to half of the tile."""

    distance: float
    pair: Pair
    row: int
    col: int


def proof_tiles(
    pairs: Sequence[Pair],
    tile: int,
    *,
    bands: int = 3,
    activation: Activation = "sigmoid",
    most: int = MOST_TILES,
    progress: Progress | None = None,
) -> ProofTiles:
    """Choose and cut tiles that hold both positives and background, spread over the pictures, the same every time.

    Args:
        pairs: pictures with masks.
        tile: side of a tile, pixels.
        bands: of the pictures.
        activation: ``sigmoid`` masks are positive above 127; ``softmax`` masks hold class indices.
        most: tiles wanted.
        progress: told after each mask.
    Raises:
        InputError: a picture or mask cannot be read, their sizes differ, or no mask has positives.
    """
    chosen_pairs = _spread(pairs, MOST_PICTURES)
    ranked: list[list[_Candidate]] = []
    for done, pair in enumerate(chosen_pairs, start=1):
        candidates = _candidates(pair, _truth(pair.mask, activation), tile)
        if candidates:
            ranked.append(candidates)
        if progress:
            progress("choose tiles", done, len(chosen_pairs))
    if not ranked:
        raise InputError(
            f"no mask has positives, so that a comparison would prove nothing. Received: {len(chosen_pairs)} masks, "
            f"{chosen_pairs[0].mask.name if chosen_pairs else 'none'} among them. Give pictures that show the class."
        )
    places = _in_turn(ranked, most)
    cut = [_cut(place, tile, bands, activation) for place in places]
    return ProofTiles(
        np.stack([pixels for pixels, _ in cut]),
        np.stack([truth for _, truth in cut]),
        tuple(f"{place.pair.stem}@{place.row},{place.col}" for place in places),
    )


def class_indices(mask: npt.NDArray[np.uint8], activation: Activation) -> npt.NDArray[np.uint8]:
    """Turn a stored mask into class indices: above 127 is the class of a one-class mask, softmax masks hold indices."""
    return (mask > CLASS_ABOVE).astype(np.uint8) if activation == "sigmoid" else mask


def _truth(path: Path, activation: Activation) -> npt.NDArray[np.uint8]:
    mask = read_mask(path)
    wrong = value_trouble(mask, 1) if activation == "sigmoid" else None
    if wrong is not None:
        raise InputError(f"{path} {wrong}")
    return class_indices(mask, activation)


def _spread(pairs: Sequence[Pair], most: int) -> list[Pair]:
    if len(pairs) <= most:
        return list(pairs)
    return [pairs[index] for index in np.linspace(0, len(pairs) - 1, most).astype(int)]


def _candidates(pair: Pair, truth: npt.NDArray[np.uint8], tile: int) -> list[_Candidate]:
    height, width = truth.shape
    grid = Grid(height, width, tile, 0)
    found = []
    for row in grid.rows.starts:
        for col in grid.cols.starts:
            share = float((truth[row : row + tile, col : col + tile] > 0).mean())
            if share > 0:
                found.append(_Candidate(abs(share - 0.5), pair, row, col))
    return sorted(found, key=lambda item: (item.distance, item.row, item.col))


def _in_turn(ranked: list[list[_Candidate]], most: int) -> list[_Candidate]:
    """Take the best place of every picture, then the second best of each, until there are enough."""
    rounds = max(len(candidates) for candidates in ranked)
    places = []
    for index in range(rounds):
        places += sorted(
            (candidates[index] for candidates in ranked if index < len(candidates)),
            key=lambda item: item.distance,
        )
        if len(places) >= most:
            break
    return places[:most]


def _cut(
    place: _Candidate, tile: int, bands: int, activation: Activation
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    pixels = read_picture(place.pair.image, bands=bands).pixels
    truth = _truth(place.pair.mask, activation)
    if pixels.shape[:2] != truth.shape:
        raise InputError(
            f"{place.pair.image} and its mask differ in size. Received: {pixels.shape[:2]} and {truth.shape} in "
            f"{place.pair.mask}. Give the mask of this picture."
        )
    rows, cols = slice(place.row, place.row + tile), slice(place.col, place.col + tile)
    return padded(pixels[rows, cols], tile), padded(truth[rows, cols, None], tile)[..., 0]
