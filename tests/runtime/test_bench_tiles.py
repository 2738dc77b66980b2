from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from segrun.bench_tiles import MOST_TILES, bench_tiles
from segrun.errors import InputError
from segrun.golden import GoldenTiles
from segrun.pictures import read_picture
from tests.onnx_models import card

TILE = 64


def written(path: Path, height: int, width: int, *, alpha: int | None = None) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    if alpha is not None:
        pixels = np.concatenate([pixels, np.full((height, width, 1), alpha, np.uint8)], axis=2)
    assert cv2.imwrite(str(path), pixels)
    return path


def test_tiles_are_cut_from_pictures_as_predict_cuts_them(tmp_path: Path) -> None:
    path = written(tmp_path / "a.png", TILE, 2 * TILE - TILE // 8)
    tiles = bench_tiles(card(TILE), None, [path])
    pixels = read_picture(path).pixels
    np.testing.assert_array_equal(tiles, np.stack([pixels[:, :TILE], pixels[:, -TILE:]]))


def test_an_overlap_of_half_a_tile_is_cut_to_a_quarter_as_in_predict(tmp_path: Path) -> None:
    wide = dataclasses.replace(card(TILE), overlap_px=TILE // 2)
    path = written(tmp_path / "a.png", TILE, 2 * TILE - TILE // 4)
    assert len(bench_tiles(wide, None, [path])) == 2


def test_enough_is_enough(tmp_path: Path) -> None:
    tiles = bench_tiles(card(TILE), None, [written(tmp_path / "a.png", 10 * TILE, 10 * TILE)])
    assert tiles.shape == (MOST_TILES, TILE, TILE, 3)


def test_pictures_without_a_valid_pixel_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="valid pixel"):
        bench_tiles(card(TILE), None, [written(tmp_path / "a.png", TILE, TILE, alpha=0)])


def test_without_pictures_golden_tiles_are_taken_else_noise() -> None:
    pixels = np.full((2, TILE, TILE, 3), 7, np.uint8)
    golden = GoldenTiles.of(pixels, np.zeros((2, TILE, TILE, 1), np.float32))
    np.testing.assert_array_equal(bench_tiles(card(TILE), golden, []), pixels)
    assert len(np.unique(bench_tiles(card(TILE), None, []))) == 256
