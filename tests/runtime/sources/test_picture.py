from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from segrun.boxes import Box
from segrun.errors import InputError
from segrun.sources import open_frame, plan


def rgba(folder: Path) -> tuple[Path, np.ndarray]:
    pixels = np.random.default_rng(0).integers(1, 256, (20, 30, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[:8, :, 3] = 0
    pixels[15:, :10, :3] = 77
    cv2.imwrite(str(folder / "a.png"), cv2.cvtColor(pixels, cv2.COLOR_RGBA2BGRA))
    return folder / "a.png", pixels


def test_alpha_and_stated_nodata_both_count(tmp_path: Path) -> None:
    path, pixels = rgba(tmp_path)
    alpha = pixels[..., 3] != 0
    seen = open_frame(plan([path])[0]).read(Box(0, 0, 20, 30)).valid
    assert seen is not None
    assert (seen == alpha).all()
    seen = open_frame(plan([path])[0], input_nodata=77).read(Box(0, 0, 20, 30)).valid
    assert seen is not None
    assert (seen == alpha & (pixels[..., :3] != 77).any(axis=2)).all()


def test_empty_boxes_are_known(tmp_path: Path) -> None:
    frame = open_frame(plan([rgba(tmp_path)[0]])[0])
    assert frame.is_empty(Box(0, 0, 8, 30))
    assert not frame.is_empty(Box(0, 0, 9, 30))
    assert frame.read(Box(10, 0, 5, 30)).valid is None


def test_a_picture_lies_nowhere_and_keeps_its_warnings(tmp_path: Path) -> None:
    path = rgba(tmp_path)[0].rename(tmp_path / "a.jpg")
    frame = open_frame(plan([path])[0])
    assert frame.georeference is None
    assert len(frame.warnings) == 1


def test_a_picture_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), np.zeros((4, 5), np.uint8))
    with pytest.raises(InputError, match=r"grey\.png has 1 band \(grey\), the model wants 3"):
        open_frame(plan([tmp_path / "grey.png"])[0])
