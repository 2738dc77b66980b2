"""BMP: head and wholeness.

Source: https://learn.microsoft.com/windows/win32/gdi/bitmap-storage
"""

from __future__ import annotations

import struct

from segrun.formats.header import Data, PictureHeader, corrupt, truncated

UNCOMPRESSED = frozenset([0, 3, 6])
DEPTHS = frozenset([1, 2, 4, 8, 16, 24, 32])


def read_header(data: Data) -> PictureHeader:
    """Return what the info header says; whether a palette is grey, only decoding tells.

    Raises:
        UnusableError: cut off, or a depth that does not exist.
    """
    _, height, width, depth, _ = _fields(data)
    return PictureHeader("BMP", height, width, "palette" if depth <= 8 else "rgb", 3)


def has_alpha(data: Data) -> bool:
    """Say whether pixels have four bytes: some decoders take the fourth for alpha.

    Raises:
        UnusableError: cut off, or a depth that does not exist.
    """
    *_, depth, _ = _fields(data)
    return depth == 32


def check_whole(data: Data) -> None:
    """Compare the file's length with that of the pixels it must hold.

    Raises:
        UnusableError: the end is missing.
    """
    offset, height, width, depth, compression = _fields(data)
    stride = (width * depth + 31) // 32 * 4
    needed = offset + height * stride if compression in UNCOMPRESSED else int.from_bytes(data[2:6], "little")
    if needed > len(data):
        raise truncated(f"{len(data)} of {needed} bytes")


def _fields(data: Data) -> tuple[int, int, int, int, int]:
    if len(data) < 26:
        raise truncated(f"{len(data)} bytes")
    offset, header_size = struct.unpack_from("<II", data, 10)
    if header_size == 12:
        width, height, _, depth = struct.unpack_from("<HHHH", data, 18)
        compression = 0
    elif len(data) >= 34:
        width, height, _, depth, compression = struct.unpack_from("<iiHHI", data, 18)
    else:
        raise truncated(f"{len(data)} bytes")
    if depth not in DEPTHS:
        raise corrupt(f"{depth} bits per pixel")
    return offset, abs(height), width, depth, compression
