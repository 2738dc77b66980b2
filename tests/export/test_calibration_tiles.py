from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from segrun.errors import InputError
from segrun_export.calibration_tiles import calibration_tiles
from segrun_export.shown import Unmasked


def pictures(folder: Path, *sizes: int) -> list[Unmasked]:
    rng = np.random.default_rng(0)
    found = []
    for index, size in enumerate(sizes):
        path = folder / f"{index}.png"
        cv2.imwrite(str(path), rng.integers(0, 256, (size, size, 3), np.uint8))
        found.append(Unmasked(path.stem, path))
    return found


def distinct(tiles: Any) -> int:
    return len({tile.tobytes() for tile in tiles})


def test_many_pictures_give_one_tile_each(tmp_path: Path) -> None:
    tiles = calibration_tiles(pictures(tmp_path, *(80,) * 9), 64, most=6)
    assert tiles.shape == (6, 64, 64, 3)
    assert distinct(tiles) == 6


def test_large_pictures_give_tiles_at_several_places(tmp_path: Path) -> None:
    assert distinct(calibration_tiles(pictures(tmp_path, 100, 120), 64, most=20)) == 20


def test_pictures_of_one_tile_are_turned_and_mirrored(tmp_path: Path) -> None:
    tiles = calibration_tiles(pictures(tmp_path, 64, 64), 64, most=32)
    assert len(tiles) == 16
    assert distinct(tiles) == 16


def test_a_picture_smaller_than_a_tile_is_padded_and_the_choice_repeats(tmp_path: Path) -> None:
    given = pictures(tmp_path, 40, 100)
    first, second = (calibration_tiles(given, 64, most=12) for _ in range(2))
    assert first.shape[1:] == (64, 64, 3)
    np.testing.assert_array_equal(first, second)


def test_a_picture_that_cannot_be_read_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"a\.png"):
        calibration_tiles([Unmasked("a", tmp_path / "a.png")], 64)
