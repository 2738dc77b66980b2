"""PNG: head, wholeness, and palette indices.

Source: https://www.w3.org/TR/png-3/ (chunk layout, colour types).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from segrun.formats import marks
from segrun.formats.header import Colour, Data, PictureHeader, corrupt, truncated

SIGNATURE = marks.PNG
COLOURS: dict[int, tuple[Colour, int]] = {
    0: ("grey", 1), 2: ("rgb", 3), 3: ("palette", 3), 4: ("grey", 1), 6: ("rgb", 3)
}  # fmt: skip
WITH_ALPHA = (4, 6)
COLOUR_TYPE_AT = 9
IHDR = struct.Struct(">IIBBBBB")
HEAD = struct.Struct(">I4s")
CHECKSUM = struct.Struct(">I")


def read_header(data: Data) -> PictureHeader:
    """Return what the IHDR chunk says.

    Raises:
        UnusableError: no whole, valid IHDR chunk.
    """
    kind, start, end = next(_chunks(data))
    if kind != b"IHDR" or end - start != IHDR.size:
        raise corrupt("its first chunk is not IHDR")
    width, height, bits, colour_type, *_ = IHDR.unpack_from(data, start)
    if colour_type not in COLOURS:
        raise corrupt(f"colour type {colour_type}")
    colour, bands = COLOURS[colour_type]
    return PictureHeader("PNG", height, width, colour, bands, bits)


def has_alpha(data: Data) -> bool:
    """Say whether there is an alpha channel, or a transparent colour, which decoders turn into one.

    Raises:
        UnusableError: cut off before the pixels.
    """
    for kind, start, _ in _chunks(data):
        if kind == b"IHDR" and data[start + COLOUR_TYPE_AT] in WITH_ALPHA:
            return True
        if kind in (b"tRNS", b"IDAT"):
            return kind == b"tRNS"
    return False


def check_whole(data: Data) -> None:
    """Walk all chunks to IEND and compare their checksums; bytes after IEND are tolerated.

    Raises:
        UnusableError: the end is missing, or a checksum does not match.
    """
    view = memoryview(data)
    for kind, start, end in _chunks(data):
        if zlib.crc32(view[start - 4 : end]) != CHECKSUM.unpack_from(data, end)[0]:
            raise corrupt(f"the checksum of its {kind.decode('latin-1')} chunk does not match")


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
    return HEAD.pack(len(body), kind) + body + CHECKSUM.pack(zlib.crc32(body, zlib.crc32(kind)))


def _chunks(data: Data) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk's type, and where its data start and end; writers make dozens of them for a small picture."""
    position, size = len(SIGNATURE), len(data)
    while position + 12 <= size:
        length, kind = HEAD.unpack_from(data, position)
        start, end = position + 8, position + 8 + length
        if end + 4 > size:
            break
        yield kind, start, end
        if kind == b"IEND":
            return
        position = end + 4
    raise truncated(f"{size} bytes, no IEND chunk")
