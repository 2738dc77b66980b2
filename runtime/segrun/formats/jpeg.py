"""JPEG: head and wholeness.

Source: ITU-T T.81, annex B (marker codes and segment layout).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from segrun.formats.header import Colour, Data, PictureHeader, corrupt, truncated

START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
STANDALONE = frozenset([0x01, *range(0xD0, 0xD8)])
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
# In a scan 0xFF is followed by 0x00 (a stuffed byte), a restart marker, or another 0xFF (a fill byte).
SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
COLOURS: dict[int, tuple[Colour, int]] = {1: ("grey", 1), 3: ("rgb", 3), 4: ("cmyk", 4)}


class Segment(NamedTuple):
    """One marker segment: its code, and where its parameters lie."""

    marker: int
    start: int
    end: int


def read_header(data: Data) -> PictureHeader:
    """Return what the frame header says.

    Raises:
        UnusableError: no whole frame header.
    """
    for marker, start, end in _segments(data):
        if marker in START_OF_FRAME:
            if end - start < 6:
                raise corrupt("a frame header of too few bytes")
            bits, height, width, components = struct.unpack_from(">BHHB", data, start)
            colour, bands = COLOURS.get(components, ("other", components))
            return PictureHeader("JPEG", height, width, colour, bands, bits)
    raise corrupt("no frame header")


def check_whole(data: Data) -> None:
    """Walk all segments to the end-of-image marker; bytes after it are tolerated.

    Thumbnails have an end marker of their own, but inside the segments that this walk steps over.

    Raises:
        UnusableError: the end is missing, or there is no scan.
    """
    scans = 0
    for segment in _segments(data):
        scans += segment.marker == START_OF_SCAN
    if not scans:
        raise corrupt("no picture data before the end marker")


def _segments(data: Data) -> Iterator[Segment]:
    position, size = 2, len(data)
    while position + 1 < size:
        if data[position] != 0xFF:
            raise corrupt(f"no marker at byte {position}")
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
        elif marker == END_OF_IMAGE:
            return
        elif marker in STANDALONE:
            position += 2
        else:
            end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
            if end > size:
                break
            if end < position + 4:
                raise corrupt(f"a segment of no length at byte {position}")
            yield Segment(marker, position + 4, end)
            position = end if marker != START_OF_SCAN else _scan_end(data, end)
    raise truncated(f"{size} bytes, no end-of-image marker")


def _scan_end(data: Data, position: int) -> int:
    found = SCAN_END.search(data, position)
    if found is None:
        raise truncated(f"{len(data)} bytes, no end-of-image marker")
    return found.start()
