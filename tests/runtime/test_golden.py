from __future__ import annotations

import base64
import json
import zlib

import numpy as np
import pytest

from segrun.errors import ModelError
from segrun.golden import MOST_BYTES, GoldenTiles


def drawn(side: int = 128, bands: int = 3, classes: int = 1) -> GoldenTiles:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (2, side, side, bands), np.uint8)
    return GoldenTiles.of(pixels, rng.random((2, side, side, classes), np.float32))


@pytest.mark.parametrize("side", [128, 64])
def test_encode_then_decode_gives_the_same_arrays(side: int) -> None:
    golden = drawn(side)
    again = GoldenTiles.decode(golden.encode())
    np.testing.assert_array_equal(again.pixels, golden.pixels)
    np.testing.assert_array_equal(again.scores, golden.scores)


def test_pure_noise_of_three_bands_stays_under_the_limit() -> None:
    assert len(drawn().encode()) <= MOST_BYTES


def test_more_channels_than_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 262144 bytes"):
        drawn(bands=12).encode()


def test_the_encoding_is_the_one_the_contract_describes() -> None:
    golden = drawn()
    line, _, body = zlib.decompress(base64.b64decode(golden.encode())).partition(b"\n")
    assert json.loads(line) == {"crops": 2, "side": 128, "bands": 3, "classes": 1}
    assert body == golden.pixels.tobytes() + golden.scores.astype("<u2").tobytes()


@pytest.mark.parametrize("tile", [128, 129, 256, 512, 1024])
def test_padding_reflects_and_crop_finds_the_middle(tile: int) -> None:
    golden = drawn()
    padded = golden.padded(tile)
    assert padded.shape == (2, tile, tile, 3)
    np.testing.assert_array_equal(golden.crop(padded.astype(np.float32)), golden.pixels)
    before = (tile - 128) // 2
    if before:
        np.testing.assert_array_equal(padded[:, before - 1, before], golden.pixels[:, 1, 0])


def test_a_tile_smaller_than_the_crops_is_refused() -> None:
    with pytest.raises(ValueError, match="tile=64"):
        drawn().padded(64)


def test_reference_is_within_half_a_step_of_the_scores() -> None:
    scores = np.random.default_rng(1).random((2, 128, 128, 1), np.float32)
    golden = GoldenTiles.of(np.zeros((2, 128, 128, 3), np.uint8), scores)
    assert float(np.abs(golden.reference - scores).max()) <= 0.5 / 65535 + 1e-7


def test_nan_scores_are_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        GoldenTiles.of(np.zeros((2, 128, 128, 3), np.uint8), np.full((2, 128, 128, 1), np.nan, np.float32))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not base64!",
        base64.b64encode(b"no zlib").decode(),
        base64.b64encode(zlib.compress(b"no header")).decode(),
        base64.b64encode(
            zlib.compress(b'{"crops": 2, "side": 128, "bands": 3, "classes": 1}\nshort')
        ).decode(),
        base64.b64encode(zlib.compress(b'{"crops": 2, "side": -1, "bands": 3, "classes": 1}\n')).decode(),
        base64.b64encode(zlib.compress(bytes(100_000_000), 9)).decode(),
    ],
    ids=["empty", "no-base64", "no-zlib", "no-header", "short", "negative-side", "bomb"],
)
def test_damaged_golden_tiles_are_a_model_error_naming_the_file(text: str) -> None:
    with pytest.raises(ModelError, match=r"unet\.onnx has damaged golden tiles"):
        GoldenTiles.decode(text, where="unet.onnx")


def test_truncated_text_is_detected() -> None:
    text = drawn().encode()
    with pytest.raises(ModelError):
        GoldenTiles.decode(text[: len(text) // 8 * 4])


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="of one size"):
        GoldenTiles(np.zeros((2, 128, 128, 3), np.uint8), np.zeros((2, 64, 64, 1), np.uint16))
