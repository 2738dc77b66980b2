from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segrun.formats import UnusableError, check_whole, read_header


def jpeg(*, quality: int = 90, progressive: int = 0, restart: int = 0) -> bytes:
    smooth = cv2.resize(np.random.default_rng(3).integers(0, 256, (6, 6, 3), np.uint8), (60, 44))
    options = [
        cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_PROGRESSIVE, progressive, cv2.IMWRITE_JPEG_RST_INTERVAL, restart,
    ]  # fmt: skip
    return bytes(cv2.imencode(".jpg", smooth, options)[1].tobytes())


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


PLAIN, PROGRESSIVE, RESTARTS = jpeg(), jpeg(progressive=1), jpeg(restart=2)
WITH_THUMBNAIL = PLAIN[:2] + segment(0xE1, b"Exif\0\0" + PLAIN) + PLAIN[2:]


@pytest.mark.parametrize("whole", [PLAIN, PROGRESSIVE, RESTARTS, WITH_THUMBNAIL])
def test_no_cut_passes(whole: bytes) -> None:
    check_whole(whole)
    for length in range(3, len(whole)):
        with pytest.raises(UnusableError, match=r"is cut off|is corrupt"):
            check_whole(whole[:length])


@pytest.mark.parametrize("whole", [PLAIN, PROGRESSIVE, RESTARTS, WITH_THUMBNAIL])
@settings(deadline=None)
@given(length=st.integers(3, 400), padding=st.binary(max_size=40))
def test_a_cut_filled_up_with_zeros_does_not_pass(whole: bytes, length: int, padding: bytes) -> None:
    cut = whole[:-length] + bytes(200)
    with pytest.raises(UnusableError):
        check_whole(cut)
    check_whole(whole + padding)


def test_bytes_after_the_end_and_fill_bytes_are_tolerated() -> None:
    check_whole(PLAIN + bytes(1000))
    check_whole(PLAIN + PLAIN[:50])
    check_whole(PLAIN[:-2] + b"\xff\xff\xff\xd9")


def test_the_head_is_that_of_the_picture_not_of_its_thumbnail() -> None:
    small = bytes(cv2.imencode(".jpg", np.zeros((8, 9, 3), np.uint8))[1].tobytes())
    header = read_header(PLAIN[:2] + segment(0xE1, b"Exif\0\0" + small) + PLAIN[2:])
    assert (header.height, header.width, header.bands, header.bits) == (44, 60, 3, 8)


def test_four_components_are_cmyk_and_twelve_bits_are_seen() -> None:
    frame = b"\x0c\0\x10\0\x20\x04" + bytes(12)
    header = read_header(b"\xff\xd8" + segment(0xC1, frame) + b"\xff\xd9")
    assert (header.colour, header.bits, header.height, header.width) == ("cmyk", 12, 16, 32)


def examine(content: bytes) -> None:
    check_whole(content)
    read_header(content)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + segment(0xE0, b"JFIF\0") + b"\xff\xd9",
        b"\xff\xd8\xff\xe0\0\0" + bytes(50),
        b"\xff\xd8\xff\xe0\0\x04ab" + b"no marker here",
        b"\xff\xd8" + segment(0xC0, b"\x08\0\x10") + b"\xff\xd9",
    ],
)
def test_nonsense_is_corrupt(content: bytes) -> None:
    with pytest.raises(UnusableError, match=r"is corrupt \("):
        examine(content)
