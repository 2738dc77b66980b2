from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest

from segrun.formats import UnusableError, check_whole, kind_of, read_header

PIXELS = np.random.default_rng(0).integers(0, 256, (9, 13, 3), np.uint8)
WHOLE = bytes(cv2.imencode(".bmp", PIXELS)[1].tobytes())


def test_no_cut_passes() -> None:
    check_whole(WHOLE)
    for length in range(18, len(WHOLE)):
        with pytest.raises(UnusableError, match="is cut off"):
            check_whole(WHOLE[:length])


def test_the_head_tells_size() -> None:
    header = read_header(WHOLE)
    assert (header.height, header.width, header.bands) == (9, 13, 3)


def test_rows_from_the_top_have_a_negative_height() -> None:
    flipped = WHOLE[:22] + struct.pack("<i", -9) + WHOLE[26:]
    assert read_header(flipped).height == 9
    check_whole(flipped)


def test_impossible_depths_are_corrupt() -> None:
    with pytest.raises(UnusableError, match="77 bits per pixel"):
        read_header(WHOLE[:28] + struct.pack("<H", 77) + WHOLE[30:])


def test_text_that_starts_with_bm_is_no_picture() -> None:
    with pytest.raises(UnusableError, match="is not a picture"):
        kind_of(b"BMW is a maker of cars and motorcycles.")
