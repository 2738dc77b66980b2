from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segrun.formats import UnusableError, check_whole, read_header
from segrun.formats.png import SIGNATURE, chunk

PIXELS = np.random.default_rng(0).integers(0, 256, (9, 14, 3), np.uint8)
WHOLE = bytes(cv2.imencode(".png", PIXELS)[1].tobytes())


def test_no_cut_passes() -> None:
    check_whole(WHOLE)
    for length in range(len(SIGNATURE), len(WHOLE)):
        with pytest.raises(UnusableError, match=r"is cut off \(\d+ bytes, no IEND chunk\)"):
            check_whole(WHOLE[:length])


@settings(deadline=None)
@given(st.integers(len(SIGNATURE), len(WHOLE) - 1), st.integers(1, 255))
def test_no_changed_byte_passes(position: int, change: int) -> None:
    changed = bytearray(WHOLE)
    changed[position] ^= change
    with pytest.raises(UnusableError):
        check_whole(bytes(changed))


def test_bytes_after_the_end_are_tolerated() -> None:
    check_whole(WHOLE + b"junk")


def test_the_head_tells_size_and_kind() -> None:
    header = read_header(WHOLE)
    assert (header.height, header.width, header.colour, header.bands, header.bits) == (9, 14, "rgb", 3, 8)


def test_a_file_that_starts_otherwise_is_corrupt() -> None:
    with pytest.raises(UnusableError, match="first chunk is not IHDR"):
        read_header(SIGNATURE + chunk(b"gAMA", bytes(4)) + chunk(b"IEND", b""))
    with pytest.raises(UnusableError, match="colour type 9"):
        read_header(SIGNATURE + chunk(b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\x09\0\0\0") + chunk(b"IEND", b""))
