"""Real tiles with positives: what parity, golden tiles and calibration are computed on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segrun.card import Activation
from segrun.errors import InputError
from segrun.grid import Grid
from segrun.mask_values import CLASS_ABOVE, value_trouble
from segrun.pictures import read_mask, read_picture
from segrun.progress import Progress
from segrun.tiles import padded
from segrun_export.shown import Shown

MOST_TILES = 16
# Masks of this many pictures are looked at; more would not find better tiles, only take longer.
MOST_PICTURES = 200
# Tiles of a picture without a mask that the model is run on, to find where its positives are; more while none were found.
_TRIED, _TRIED_AT_MOST = 4, 64

Predicted = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.uint8]]


@dataclass(frozen=True)
class ProofTiles:
    """Tiles cut from the user's own pictures.

    Args:
        pixels: uint8 [n, tile, tile, b].
        truth: uint8 [n, tile, tile], class indices; None where pictures came without masks.
        names: where each tile comes from, ``stem@row,col``.
    """

    pixels: npt.NDArray[np.uint8]
    truth: npt.NDArray[np.uint8] | None
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class _Candidate:
    """A place in a picture: the smaller ``distance``, the closer its positives are to half of the tile."""

    distance: float
    picture: Shown
    row: int
    col: int


def proof_tiles(
    pictures: Sequence[Shown],
    tile: int,
    *,
    bands: int = 3,
    activation: Activation = "sigmoid",
    most: int = MOST_TILES,
    predicted: Predicted | None = None,
    progress: Progress | None = None,
) -> ProofTiles:
    """Choose and cut tiles that hold both positives and background, spread over the pictures, the same every time.

    Args:
        pictures: with masks; where one has none, what the model finds stands in for all of their masks in the choice.
        tile: side of a tile, pixels.
        bands: of the pictures.
        activation: ``sigmoid`` masks are positive above 127; ``softmax`` masks hold class indices.
        most: tiles wanted.
        predicted: gives the model's mask of one tile; needed for pictures without masks.
        progress: told after each picture.
    Raises:
        InputError: a picture or mask cannot be read, their sizes differ, or no mask has positives.
        ValueError: a picture has no mask and ``predicted`` is not given.
    """
    masked = all(picture.mask is not None for picture in pictures)
    chosen = _spread(pictures, MOST_PICTURES if masked else most)
    ranked: list[list[_Candidate]] = []
    for done, picture in enumerate(chosen, start=1):
        if picture.mask is not None and masked:
            truth = _truth(picture.mask, activation)
        else:
            truth = _found(picture, tile, bands, predicted)
        candidates = _candidates(picture, truth, tile)
        if candidates:
            ranked.append(candidates)
        if progress:
            progress("choose tiles", done, len(chosen))
    if not ranked:
        kind = "mask" if masked else "picture"
        name = (chosen[0].mask if masked else chosen[0].image) if chosen else None
        raise InputError(
            f"no {kind} has positives, so that a comparison would prove nothing. Received: {len(chosen)} {kind}s, "
            f"{name.name if name else 'none'} among them. Give pictures that show the class."
        )
    places = _in_turn(ranked, most)
    cut = [_cut(place, tile, bands, activation) for place in places]
    truths = [truth for _, truth in cut if truth is not None]
    return ProofTiles(
        np.stack([pixels for pixels, _ in cut]),
        np.stack(truths) if masked else None,
        tuple(f"{place.picture.stem}@{place.row},{place.col}" for place in places),
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


def _found(picture: Shown, tile: int, bands: int, predicted: Predicted | None) -> npt.NDArray[np.uint8]:
    """Return the model's own mask of tiles spread over a picture, of more where they hold nothing; 0 elsewhere."""
    if predicted is None:
        raise ValueError(f"a picture without a mask needs the model's. Received: {picture.image} alone.")
    pixels = read_picture(picture.image, bands=bands).pixels
    height, width = pixels.shape[:2]
    grid = Grid(height, width, tile, 0)
    places = [(row, col) for row in grid.rows.starts for col in grid.cols.starts]
    found = np.zeros((height, width), np.uint8)
    few, many = (
        np.linspace(0, len(places) - 1, min(len(places), most)).astype(int)
        for most in (_TRIED, _TRIED_AT_MOST)
    )
    for tried, index in enumerate([*few, *(index for index in many if index not in few)]):
        if tried >= len(few) and found.any():
            break
        row, col = places[index]
        inside = found[row : row + tile, col : col + tile]
        inside[:] = predicted(padded(pixels[row : row + tile, col : col + tile], tile))[
            : inside.shape[0], : inside.shape[1]
        ]
    return found


def _spread(pictures: Sequence[Shown], most: int) -> list[Shown]:
    if len(pictures) <= most:
        return list(pictures)
    return [pictures[index] for index in np.linspace(0, len(pictures) - 1, most).astype(int)]


def _candidates(picture: Shown, truth: npt.NDArray[np.uint8], tile: int) -> list[_Candidate]:
    height, width = truth.shape
    grid = Grid(height, width, tile, 0)
    found = []
    for row in grid.rows.starts:
        for col in grid.cols.starts:
            share = float((truth[row : row + tile, col : col + tile] > 0).mean())
            if share > 0:
                found.append(_Candidate(abs(share - 0.5), picture, row, col))
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
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8] | None]:
    pixels = read_picture(place.picture.image, bands=bands).pixels
    rows, cols = slice(place.row, place.row + tile), slice(place.col, place.col + tile)
    cut = padded(pixels[rows, cols], tile)
    if place.picture.mask is None:
        return cut, None
    truth = _truth(place.picture.mask, activation)
    if pixels.shape[:2] != truth.shape:
        raise InputError(
            f"{place.picture.image} and its mask differ in size. Received: {pixels.shape[:2]} and {truth.shape} in "
            f"{place.picture.mask}. Give the mask of this picture."
        )
    return cut, padded(truth[rows, cols, None], tile)[..., 0]
