"""PNG: head, wholeness, and palette indices.

Source: https://www.w3.org/TR/png-3/ (chunk layout, colour types).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from segrun.formats.header import Colour, Data, PictureHeader, corrupt, truncated

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS: dict[int, tuple[Colour, int]] = {
    0: ("grey", 1), 2: ("rgb", 3), 3: ("palette", 3), 4: ("grey", 1), 6: ("rgb", 3)
}  # fmt: skip
WITH_ALPHA = (4, 6)
COLOUR_TYPE_AT = 9
IHDR = struct.Struct(">IIBBBBB")


class Chunk(NamedTuple):
    """One chunk: its type, and where its data lie."""

    kind: bytes
    start: int
    end: int


def read_header(data: Data) -> PictureHeader:
    """Return what the IHDR chunk says.

    Raises:
        UnusableError: no whole, valid IHDR chunk.
    """
    first = next(_chunks(data))
    if first.kind != b"IHDR" or first.end - first.start != IHDR.size:
        raise corrupt("its first chunk is not IHDR")
    width, height, bits, colour_type, *_ = IHDR.unpack_from(data, first.start)
    if colour_type not in COLOURS:
        raise corrupt(f"colour type {colour_type}")
    colour, bands = COLOURS[colour_type]
    return PictureHeader("PNG", height, width, colour, bands, bits)


def has_alpha(data: Data) -> bool:
    """Say whether there is an alpha channel, or a transparent colour, which decoders turn into one.

    Raises:
        UnusableError: cut off before the pixels.
    """
    for found in _chunks(data):
        if found.kind == b"IHDR" and data[found.start + COLOUR_TYPE_AT] in WITH_ALPHA:
            return True
        if found.kind in (b"tRNS", b"IDAT"):
            return found.kind == b"tRNS"
    return False


def check_whole(data: Data) -> None:
    """Walk all chunks to IEND and compare their checksums; bytes after IEND are tolerated.

    Raises:
        UnusableError: the end is missing, or a checksum does not match.
    """
    view = memoryview(data)
    for chunk in _chunks(data):
        stored = int.from_bytes(view[chunk.end : chunk.end + 4], "big")
        if zlib.crc32(view[chunk.start - 4 : chunk.end]) != stored:
            raise corrupt(f"the checksum of its {chunk.kind.decode('latin-1')} chunk does not match")


def grey_from_palette(data: bytes) -> bytes:
    """Return the PNG with its palette taken away, so that a decoder gives indices as grey values.

    The pixels of a palette picture are stored exactly as those of a grey picture of the same depth.
    """
    out = bytearray(SIGNATURE)
    for kind, start, end in _chunks(data):
        body = data[start:end]
        if kind in (b"PLTE", b"tRNS"):
            continue
        if kind == b"IHDR":
            body = body[:9] + b"\0" + body[10:]
        out += chunk(kind, body)
    return bytes(out)


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return one chunk with its length and checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))


def _chunks(data: Data) -> Iterator[Chunk]:
    position, size = len(SIGNATURE), len(data)
    while position + 12 <= size:
        length = int.from_bytes(data[position : position + 4], "big")
        kind, start = data[position + 4 : position + 8], position + 8
        if start + length + 4 > size:
            break
        yield Chunk(kind, start, start + length)
        if kind == b"IEND":
            return
        position = start + length + 4
    raise truncated(f"{size} bytes, no IEND chunk")
