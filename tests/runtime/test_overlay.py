from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from segrun.colours import class_colours
from segrun.errors import OutputError
from segrun.overlay import LONGEST_SIDE_PX, OverlayWriter, overlay
from segrun.pictures import read_picture

PIXELS = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)


def test_background_and_no_data_stay_as_they_are() -> None:
    mask = np.zeros((40, 50), np.uint8)
    mask[:, 30:] = 255
    assert (overlay(PIXELS, mask) == PIXELS).all()
    assert overlay(PIXELS, mask) is not PIXELS


def test_a_class_is_tinted_inside_and_outlined_at_its_edge() -> None:
    mask = np.zeros((40, 50), np.uint8)
    mask[10:30, 10:40] = 1
    drawn = overlay(PIXELS, mask, alpha=0.5)
    colour = class_colours(1)[1]
    edge = np.zeros_like(mask)
    edge[10:30, 10:40] = 1
    edge[11:29, 11:39] = 0
    assert (drawn[edge == 1] == colour).all()
    inside = drawn[11:29, 11:39].astype(int)
    assert np.abs(inside - (PIXELS[11:29, 11:39] * 0.5 + colour * 0.5)).max() <= 1
    assert (drawn[mask == 0] == PIXELS[mask == 0]).all()


def test_touching_classes_are_told_apart() -> None:
    mask = np.ones((40, 50), np.uint8)
    mask[:, 25:] = 2
    drawn = overlay(PIXELS, mask)
    assert (drawn[:, 25] == class_colours(2)[2]).all()
    assert not (drawn[:, 24] == class_colours(2)[1]).all()


def test_what_does_not_fit_is_our_own_error() -> None:
    with pytest.raises(ValueError, match=r"Received: \[40, 50, 3\] and \[40, 49\]"):
        overlay(PIXELS, np.zeros((40, 49), np.uint8))
    with pytest.raises(ValueError, match=r"Received: class 2, 2 colours"):
        overlay(PIXELS, np.full((40, 50), 2, np.uint8), class_colours(1))


@pytest.mark.parametrize("strip", [7, 256, 10000])
@pytest.mark.parametrize("size", [(300, 500), (5000, 90), (70, 4097), (2048, 2048)])
def test_strips_give_the_picture_of_the_whole_made_small(
    tmp_path: Path, size: tuple[int, int], strip: int
) -> None:
    height, width = size
    rows, cols = np.indices(size)
    pixels = np.dstack([rows * 255 // height, cols * 255 // width, np.full(size, 90)]).astype(np.uint8)
    writer = OverlayWriter(tmp_path / "sub" / "a.jpg", height=height, width=width)
    for row in range(0, height, strip):
        part = pixels[row : row + strip]
        writer.write(row, part, np.zeros(part.shape[:2], np.uint8))
    assert not (tmp_path / "sub").exists()
    drawn = read_picture(writer.commit()).pixels
    factor = -(-max(size) // LONGEST_SIDE_PX)
    assert drawn.shape[:2] == (-(-height // factor), -(-width // factor))
    assert max(drawn.shape) <= LONGEST_SIDE_PX
    wanted = cv2.resize(pixels, drawn.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(drawn.astype(int) - wanted).mean() < 3


def test_the_mask_is_drawn_where_it_lies(tmp_path: Path) -> None:
    size = (6000, 4200)
    pixels, mask = np.zeros((*size, 3), np.uint8), np.zeros(size, np.uint8)
    mask[3000:4500, 600:1800] = 1
    writer = OverlayWriter(tmp_path / "a.jpg", height=size[0], width=size[1])
    for row in range(0, size[0], 224):
        writer.write(row, pixels[row : row + 224], mask[row : row + 224])
    drawn = read_picture(writer.commit()).pixels
    tinted = drawn.max(axis=2) > 40
    wanted = np.zeros((2000, 1400), np.bool_)
    wanted[1000:1500, 200:600] = True
    assert (tinted != wanted).mean() < 0.003


def test_one_band_is_drawn_grey(tmp_path: Path) -> None:
    writer = OverlayWriter(tmp_path / "a.jpg", height=20, width=20)
    writer.write(0, np.full((20, 20, 1), 77, np.uint8), np.zeros((20, 20), np.uint8))
    assert np.abs(read_picture(writer.commit()).pixels.astype(int) - 77).max() <= 2


def test_abort_and_missing_rows_leave_nothing(tmp_path: Path) -> None:
    writer = OverlayWriter(tmp_path / "a.jpg", height=20, width=20)
    writer.write(0, np.zeros((10, 20, 3), np.uint8), np.zeros((10, 20), np.uint8))
    with pytest.raises(ValueError, match="10 of 20"):
        writer.commit()
    writer.abort()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    writer = OverlayWriter(tmp_path / "file" / "a.jpg", height=1, width=1)
    writer.write(0, np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8))
    with pytest.raises(OutputError, match="cannot write"):
        writer.commit()
