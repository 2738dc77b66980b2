"""TIFF and BigTIFF: head, wholeness, and palette indices.

Source: TIFF 6.0; https://www.awaresystems.be/imaging/tiff/bigtiff.html; OGC GeoTIFF 1.1 (tag numbers).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from segrun.formats.header import Colour, Data, PictureHeader, UnusableError, corrupt, truncated

WIDTH, HEIGHT, BITS, PHOTOMETRIC, SAMPLES = 256, 257, 258, 262, 277
EXTRA_SAMPLES, SAMPLE_FORMAT = 338, 339
TILE_BYTE_COUNTS = 325
DATA_TAGS = ((273, 279), (324, TILE_BYTE_COUNTS))  # offsets and byte counts, of strips and of tiles
GEO_TAGS = frozenset([33550, 33922, 34264, 34735])
MINISWHITE, MINISBLACK, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6
UNSIGNED = 1
ASSOCIATED_ALPHA = 1
TYPES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}


@dataclass(frozen=True)
class Tag:
    """Where the values of one tag lie."""

    code: int
    count: int
    start: int


@dataclass(frozen=True)
class Directory:
    """The first image directory of a TIFF."""

    data: Data
    order: str
    tags: dict[int, Tag]

    def values(self, number: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return the whole numbers of a tag, ``default`` where it is absent."""
        if number not in self.tags:
            return default
        tag = self.tags[number]
        if tag.code not in TYPES:
            raise corrupt(f"tag {number} has type {tag.code}")
        return struct.unpack_from(f"{self.order}{tag.count}{TYPES[tag.code]}", self.data, tag.start)

    def value(self, number: int, default: int) -> int:
        """Return the first number of a tag, ``default`` where it is absent or empty."""
        values = self.values(number)
        return values[0] if values else default


def read_header(data: Data) -> PictureHeader:
    """Return what the first image directory says.

    Raises:
        UnusableError: cut off, or samples that are not unsigned whole numbers.
    """
    directory = read_directory(data)
    bits = max(directory.values(BITS), default=1)
    if any(kind != UNSIGNED for kind in directory.values(SAMPLE_FORMAT)):
        raise UnusableError(
            f"has samples that are not unsigned whole numbers ({bits} bits)", "Convert it to 8 bits per band."
        )
    colour, bands = _colour(directory)
    height, width = directory.value(HEIGHT, 0), directory.value(WIDTH, 0)
    return PictureHeader("TIFF", height, width, colour, bands, bits)


def check_whole(data: Data) -> None:
    """Compare the file's length with the ends of all its strips or tiles.

    Raises:
        UnusableError: the end is missing.
    """
    directory = read_directory(data)
    for offsets, counts in DATA_TAGS:
        ends = map(sum, zip(directory.values(offsets), directory.values(counts), strict=False))
        needed = max(ends, default=0)
        if needed > len(data):
            raise truncated(f"{len(data)} of {needed} bytes")


def is_georeferenced(data: Data) -> bool:
    """Say whether the first directory ties the picture to the ground."""
    return not GEO_TAGS.isdisjoint(read_directory(data).tags)


def grey_from_palette(data: bytes) -> bytes:
    """Return the TIFF marked as grey instead of palette, so that a decoder gives indices."""
    return _with_number(data, PHOTOMETRIC, MINISBLACK)


def has_alpha(data: Data) -> bool:
    """Say whether pixels have more samples than colours.

    Raises:
        UnusableError: cut off, or its head is damaged.
    """
    directory = read_directory(data)
    _, bands = _colour(directory)
    return directory.value(SAMPLES, 1) > bands


def plain_alpha(data: bytes) -> bytes:
    """Return the TIFF with its alpha marked as already multiplied, so that libtiff leaves colours as stored."""
    tags = read_directory(data).tags
    return _with_number(data, EXTRA_SAMPLES, ASSOCIATED_ALPHA) if EXTRA_SAMPLES in tags else data


def _with_number(data: bytes, number: int, value: int) -> bytes:
    directory = read_directory(data)
    start = directory.tags[number].start
    return data[:start] + struct.pack(f"{directory.order}H", value) + data[start + 2 :]


def read_directory(data: Data) -> Directory:
    """Read the first image directory.

    Raises:
        UnusableError: it is not wholly inside the file.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = 0x2B in data[2:4]
    try:
        if big:
            (start,) = struct.unpack_from(f"{order}Q", data, 8)
            (count,) = struct.unpack_from(f"{order}Q", data, start)
            entry, first = struct.Struct(f"{order}HHQ"), start + 8
        else:
            (start,) = struct.unpack_from(f"{order}I", data, 4)
            (count,) = struct.unpack_from(f"{order}H", data, start)
            entry, first = struct.Struct(f"{order}HHI"), start + 2
        inline = 8 if big else 4
        tags = {}
        for position in range(first, first + count * (entry.size + inline), entry.size + inline):
            number, code, length = entry.unpack_from(data, position)
            at, size = position + entry.size, SIZES.get(code, 1) * length
            if size > inline:
                (at,) = struct.unpack_from(f"{order}{'Q' if big else 'I'}", data, at)
            if at + size > len(data):
                raise truncated(f"{len(data)} bytes, tag {number} lies beyond")
            tags[number] = Tag(code, length, at)
    except struct.error as error:
        raise truncated(f"{len(data)} bytes, the image directory lies beyond") from error
    return Directory(data, order, tags)


def _colour(directory: Directory) -> tuple[Colour, int]:
    samples = directory.value(SAMPLES, 1)
    colours = samples - len(directory.values(EXTRA_SAMPLES))
    photometric = directory.value(PHOTOMETRIC, -1)
    if photometric in (MINISWHITE, MINISBLACK) and colours == 1 and samples <= 2:
        return "grey", 1
    if photometric in (RGB, YCBCR) and colours == 3 and samples <= 4:
        return "rgb", 3
    if photometric == PALETTE and samples == 1:
        return "palette", 3
    if photometric == CMYK:
        return "cmyk", 4
    return "other", samples
