from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from segrun.errors import InputError
from segrun.pairs import Pair
from segrun_export.proof_tiles import class_indices, proof_tiles
from segrun_export.shown import Unmasked


def stored(folder: Path, stem: str, mask: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> Pair:
    """Write a mask, and a picture whose red channel tells the mask and whose green and blue tell the place."""
    rows, cols = np.indices(mask.shape) % 251
    picture = np.stack([mask, rows, cols], axis=-1).astype(np.uint8)
    cv2.imwrite(str(folder / f"{stem}.png"), picture[..., ::-1])
    cv2.imwrite(str(folder / f"{stem}-mask.png"), mask)
    return Pair(stem, folder / f"{stem}.png", folder / f"{stem}-mask.png")


def with_square(size: int, row: int, col: int, side: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    mask = np.zeros((size, size), np.uint8)
    mask[row : row + side, col : col + side] = 255
    return mask


def test_tiles_have_positives_and_pixels_match_truth(tmp_path: Path) -> None:
    pairs = [stored(tmp_path, f"p{i}", with_square(150, 20 * i, 10, 30)) for i in range(4)]
    found = proof_tiles(pairs, 64, most=6)
    assert len(found) == 6
    assert found.pixels.shape == (6, 64, 64, 3)
    assert found.truth is not None
    assert (found.truth.reshape(6, -1).mean(1) > 0).all()
    assert found.truth is not None
    np.testing.assert_array_equal(found.pixels[..., 0] > 127, found.truth > 0)
    for name, pixels in zip(found.names, found.pixels, strict=True):
        row, col = (int(word) for word in name.split("@")[1].split(","))
        assert (pixels[0, 0, 1], pixels[0, 0, 2]) == (row, col)


def test_every_picture_is_taken_before_one_is_taken_twice(tmp_path: Path) -> None:
    pairs = [stored(tmp_path, f"p{i}", with_square(192, 0, 0, 100 + i)) for i in range(5)]
    found = proof_tiles(pairs, 64, most=5)
    assert {name.split("@")[0] for name in found.names} == {f"p{i}" for i in range(5)}


def test_the_choice_is_the_same_every_time(tmp_path: Path) -> None:
    pairs = [stored(tmp_path, f"p{i}", with_square(150, 20, 10 * i, 30)) for i in range(3)]
    assert proof_tiles(pairs, 64).names == proof_tiles(pairs, 64).names


def test_a_picture_smaller_than_a_tile_is_padded(tmp_path: Path) -> None:
    found = proof_tiles([stored(tmp_path, "small", with_square(40, 5, 5, 20))], 64)
    assert found.pixels.shape == (1, 64, 64, 3)
    assert found.truth is not None
    np.testing.assert_array_equal(found.pixels[..., 0] > 127, found.truth > 0)


def test_masks_without_positives_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no mask has positives.*e-mask\.png"):
        proof_tiles([stored(tmp_path, "e", with_square(64, 0, 0, 0))], 64)


def test_a_mask_of_another_size_is_refused(tmp_path: Path) -> None:
    one = stored(tmp_path, "a", with_square(100, 0, 0, 50))
    other = stored(tmp_path, "b", with_square(90, 0, 0, 50))
    with pytest.raises(InputError, match="differ in size"):
        proof_tiles([Pair("a", one.image, other.mask)], 64)


def test_softmax_masks_hold_indices() -> None:
    mask = np.array([[0, 1, 128]], np.uint8)
    assert class_indices(mask, "sigmoid").tolist() == [[0, 0, 1]]
    assert class_indices(mask, "softmax").tolist() == [[0, 1, 128]]


def test_masks_that_would_count_as_empty_are_refused(tmp_path: Path) -> None:
    pair = stored(tmp_path, "p", with_square(150, 20, 10, 30) // 255)
    with pytest.raises(InputError, match="holds 0 and 1"):
        proof_tiles([pair], 64)


def test_without_masks_the_model_says_where_its_positives_are(tmp_path: Path) -> None:
    pictures = [
        Unmasked(f"p{i}", stored(tmp_path, f"p{i}", with_square(192, 70, 70, 40)).image) for i in range(2)
    ]
    found = proof_tiles(pictures, 64, most=4, predicted=lambda tile: (tile[..., 0] > 127).astype(np.uint8))
    assert found.truth is None
    assert ((found.pixels[..., 0] > 127).reshape(len(found), -1).mean(1) > 0).all()


def test_without_masks_a_model_that_finds_nothing_is_refused(tmp_path: Path) -> None:
    picture = stored(tmp_path, "p", with_square(64, 0, 0, 0)).image
    with pytest.raises(InputError, match=r"no picture has positives.*p\.png"):
        proof_tiles([Unmasked("p", picture)], 64, predicted=lambda tile: np.zeros(tile.shape[:2], np.uint8))
