from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from segrun import formats
from segrun.decoding import decode
from segrun.picture_head import picture_cost


@pytest.mark.parametrize("ending", ["png", "webp", "bmp", "tif", "jpg"])
@pytest.mark.parametrize("bands", [1, 3, 4])
def test_alpha_is_told_as_the_decoder_gives_it(tmp_path: Path, ending: str, bands: int) -> None:
    if (ending, bands) == ("jpg", 4):
        pytest.skip("JPEG has no alpha")
    path = tmp_path / f"a.{ending}"
    pixels = np.random.default_rng(0).integers(0, 255, (9, 7, bands), np.uint8)
    if (ending, bands) == ("tif", 4):
        Image.fromarray(pixels).save(path)  # OpenCV does not say what the fourth band is
    else:
        assert cv2.imwrite(str(path), pixels)
    agrees(path)


def test_alpha_in_a_lossless_webp_and_in_a_palette(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (9, 7, 4), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.webp", lossless=True)
    agrees(tmp_path / "a.webp")
    palette = Image.fromarray(pixels[..., :3]).quantize(5)
    palette.save(tmp_path / "plain.png")
    agrees(tmp_path / "plain.png")
    palette.save(tmp_path / "clear.png", transparency=2)
    agrees(tmp_path / "clear.png")


def agrees(path: Path) -> None:
    data = path.read_bytes()
    image, _ = decode(data)
    assert image is not None
    assert formats.has_alpha(data, formats.read_header(data)) == (image.ndim == 3 and image.shape[2] == 4)
    cost = picture_cost(path)
    assert (cost.height, cost.width) == image.shape[:2]
    assert cost.decoding_bytes >= 2 * image.nbytes
