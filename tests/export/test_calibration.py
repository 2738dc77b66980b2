from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest

from segrun.errors import InputError
from segrun_export.calibration import histograms
from segrun_export.onnx_conversion import onnx_from_keras
from segrun_export.onnx_int8 import before_first_convolution
from tests.export.conftest import drawn_pair


def test_every_activation_is_counted_over_all_tiles(unet: Any) -> None:
    tiles = np.stack([drawn_pair(seed)[0] for seed in range(4)])
    found = histograms(onnx_from_keras(unet), tiles)
    assert len(found) >= 10
    for item in found.values():
        assert item.low <= item.high
        assert item.counts.sum() % len(tiles) == 0
    score = found["score"]
    expected = np.asarray(unet(tiles, training=False))
    assert score.low == pytest.approx(expected.min(), abs=1e-4)
    assert score.high == pytest.approx(expected.max(), abs=1e-4)


@pytest.mark.parametrize("tiles", [np.zeros((2, 64, 64, 3), np.uint8), np.full((8, 64, 64, 3), 7, np.uint8)])
def test_too_few_or_constant_tiles_are_refused(unet: Any, tiles: Any) -> None:
    with pytest.raises(InputError, match="at least 4 calibration tiles that show something"):
        histograms(onnx_from_keras(unet), tiles)


def test_scaled_pixels_keep_the_range_of_every_possible_pixel(unet: Any) -> None:
    tiles = np.stack([drawn_pair(seed)[0] // 2 + 20 for seed in range(4)])
    content = onnx_from_keras(unet)
    (*_, scaled) = before_first_convolution(onnx.load_from_string(content).graph)
    assert histograms(content, tiles)[scaled].range("minmax") == pytest.approx((0.0, 1.0))
