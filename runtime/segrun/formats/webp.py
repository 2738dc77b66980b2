"""WebP: head and wholeness.

Source: https://developers.google.com/speed/webp/docs/riff_container, RFC 6386 (VP8 frame header), RFC 9649.
"""

from __future__ import annotations

from collections.abc import Iterator

from segrun.formats.header import Data, PictureHeader, UnusableError, corrupt, truncated

ANIMATED, ALPHA = 0x02, 0x10
LOSSLESS_ALPHA = 1 << 28


def read_header(data: Data) -> PictureHeader:
    """Return what the first chunk says.

    Raises:
        UnusableError: cut off, an animation, or an unknown chunk.
    """
    first = next(_chunks(data), None)
    if first is None:
        raise corrupt("no chunks")
    kind, start, _ = first
    head = bytes(data[start : start + 10])
    if len(head) < 10:
        raise truncated(f"{len(data)} bytes")
    if kind == b"VP8X":
        if head[0] & ANIMATED:
            raise UnusableError("is an animation", "Save one picture of it as PNG or JPEG.")
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (4, 7))
    elif kind == b"VP8L":
        sizes = int.from_bytes(head[1:5], "little")
        width, height = (sizes & 0x3FFF) + 1, (sizes >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    else:
        raise corrupt(f"its first chunk is {kind!r}")
    return PictureHeader("WebP", height, width, "rgb", 3)


def has_alpha(data: Data) -> bool:
    """Say whether the first chunk tells of an alpha channel.

    Raises:
        UnusableError: cut off.
    """
    kind, start, _ = next(_chunks(data))
    if kind == b"VP8X":
        return bool(data[start] & ALPHA)
    return kind == b"VP8L" and bool(int.from_bytes(data[start + 1 : start + 5], "little") & LOSSLESS_ALPHA)


def check_whole(data: Data) -> None:
    """Walk all chunks to the end that the head promises.

    Raises:
        UnusableError: the end is missing, or there is no picture in it.
    """
    kinds = {kind for kind, _, _ in _chunks(data)}
    if not kinds & {b"VP8 ", b"VP8L"}:
        raise corrupt("no picture data")


def _chunks(data: Data) -> Iterator[tuple[bytes, int, int]]:
    total = int.from_bytes(data[4:8], "little") + 8
    if total > len(data):
        raise truncated(f"{len(data)} of {total} bytes")
    position = 12
    while position + 8 <= total:
        kind, length = (
            data[position : position + 4],
            int.from_bytes(data[position + 4 : position + 8], "little"),
        )
        if position + 8 + length > total:
            raise corrupt(f"its {kind!r} chunk is longer than the file")
        yield kind, position + 8, position + 8 + length
        position += 8 + length + length % 2
