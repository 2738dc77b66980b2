"""Finished mask rows of one raster, kept on disk until the whole is assembled.

A TIFF that was half written when the process died cannot be trusted, so rows are kept as small files that prove
themselves: a CRC in front, a rename at the end. What is there after a kill is right, and the run goes on from it.
Nothing waits for the disk: a power cut may take strips away, which are then run again, but cannot make a wrong one pass.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import shutil
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from segrun.atomic import replacing
from segrun.counts import NODATA
from segrun.errors import OutputError
from segrun.grid import Panel

# Mark, CRC of failed tiles and body, failed tiles, height, width. The body is one byte where all pixels have one value,
# else segments.
_HEADER = struct.Struct("<4sIIII")
_LENGTH = struct.Struct("<I")
_CONSTANT = b"SGC3"
_SEGMENTS = b"SGS3"
FOLDER = "strips"


def forget_all(work: Path) -> None:
    """Delete the strips of every raster in a run's work folder.

    Raises:
        OutputError: they cannot be deleted.
    """
    try:
        shutil.rmtree(work / FOLDER)
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(
            f"cannot delete {work / FOLDER} ({error.strerror}). Delete it, or choose another -o."
        ) from error


class _Kept(NamedTuple):
    """A strip as it lies on the disk."""

    mark: bytes
    body: bytes
    failed: int

    @property
    def checksum(self) -> int:
        # The count is where the CRC starts from, so that it proves itself too.
        return zlib.crc32(self.body, self.failed)


class StripStore:
    """The strips of one raster in a folder of their own.

    Args:
        folder: made when the first strip is written.
        panel_width: of the widest panel, pixels; strips of panels of another width are not mistaken for these.
        pixel_bytes: 1 for masks; where each pixel holds more, rows are uint8 [h, w * pixel_bytes].
        origin: what the rows are made of and by: strips of another origin, left by a killed run, are not mistaken for these.
        segment_rows: how many rows are packed and unpacked at a time: assembling needs memory for these alone.
    """

    def __init__(
        self,
        folder: Path,
        panel_width: int = 0,
        segment_rows: int = 64,
        *,
        pixel_bytes: int = 1,
        origin: str = "",
    ) -> None:
        self._folder = folder
        self._panel_width = panel_width
        self._segment_rows = segment_rows
        self._pixel_bytes = pixel_bytes
        self._origin = hashlib.sha256(origin.encode()).hexdigest()[:12]

    def write(self, panel: int, tile_row: int, rows: NDArray[np.uint8], failed: int = 0) -> None:
        """Keep one strip.

        Args:
            panel: index of the panel.
            tile_row: index of the tile row that finished it.
            rows: uint8 [h, w] mask values.
            failed: tiles of that row whose scores were not finite; a resumed run must tell of them too.
        Raises:
            OutputError: the folder cannot be written.
        """
        value = rows[0, 0]
        if (rows[0] == value).all() and (rows == value).all():
            self._write(panel, tile_row, rows.shape, _Kept(_CONSTANT, bytes([value]), failed))
            return
        packed = []
        for first in range(0, len(rows), self._segment_rows):
            segment = zlib.compress(rows[first : first + self._segment_rows].tobytes(), 1)
            packed.append(_LENGTH.pack(len(segment)) + segment)
        self._write(panel, tile_row, rows.shape, _Kept(_SEGMENTS, b"".join(packed), failed))

    def write_constant(self, panel: int, tile_row: int, shape: tuple[int, ...], value: int) -> None:
        """Keep a strip of one value.

        Raises:
            OutputError: the folder cannot be written.
        """
        self._write(panel, tile_row, shape, _Kept(_CONSTANT, bytes([value]), 0))

    def _write(self, panel: int, tile_row: int, shape: tuple[int, ...], strip: _Kept) -> None:
        path = self._path(panel, tile_row)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(path, durable=False) as temporary:
                head = _HEADER.pack(strip.mark, strip.checksum, strip.failed, *shape)
                temporary.write_bytes(head + strip.body)
        except OSError as error:
            raise OutputError(
                f"cannot write {path} ({error.strerror}). Free some space or choose another -o."
            ) from error

    def read(self, panel: int, tile_row: int, shape: tuple[int, int]) -> NDArray[np.uint8] | None:
        """Return a strip, or None where it is absent, damaged or of another shape."""
        strip = self._strip(panel, tile_row, shape)
        return None if strip is None else np.concatenate(list(self._segments(strip, shape)))

    def _strip(self, panel: int, tile_row: int, shape: tuple[int, int]) -> _Kept | None:
        """Return a strip that proves itself."""
        try:
            content = self._path(panel, tile_row).read_bytes()
            mark, crc, failed, height, width = _HEADER.unpack_from(content)
        except (OSError, struct.error):
            return None
        strip = _Kept(mark, content[_HEADER.size :], failed)
        if mark not in (_CONSTANT, _SEGMENTS) or (height, width) != shape or strip.checksum != crc:
            return None
        return strip

    def finished_rows(self, index: int, panel: Panel) -> int:
        """Count the strips of a panel that are there, from the top and without a gap."""
        for tile_row in range(len(panel.grid.rows.starts)):
            if self._strip(index, tile_row, self._shape(panel, tile_row)) is None:
                return tile_row
        return len(panel.grid.rows.starts)

    def failed_tiles(self, index: int, panel: Panel, rows: int) -> int:
        """Count the tiles that failed in the first ``rows`` tile rows of a panel, whose strips are there."""
        strips = [self._strip(index, tile_row, self._shape(panel, tile_row)) for tile_row in range(rows)]
        return sum(strip.failed for strip in strips if strip is not None)

    def assembled(self, panels: list[Panel], tile_row: int) -> Iterator[NDArray[np.uint8]]:
        """Yield the full-width rows that one tile row finished, uint8 [some, width], a few at a time.

        Raises:
            OutputError: a strip that was written is gone.
        """
        parts = []
        for index, panel in enumerate(panels):
            shape = self._shape(panel, tile_row)
            strip = self._strip(index, tile_row, shape)
            if strip is None:
                raise OutputError(
                    f"{self._path(index, tile_row)} is gone. Do not touch the folder while segrun runs."
                )
            parts.append(self._segments(strip, shape))
        for pieces in zip(*parts, strict=True):
            yield np.concatenate(pieces, axis=1)

    def is_nodata(self, panels: list[Panel], tile_row: int) -> bool:
        """Say whether no pixel of the rows that one tile row finished holds data, without unpacking them."""
        strips = (
            self._strip(index, tile_row, self._shape(panel, tile_row)) for index, panel in enumerate(panels)
        )
        return all(
            strip is not None and (strip.mark, strip.body) == (_CONSTANT, bytes([NODATA])) for strip in strips
        )

    def remove(self) -> None:
        """Delete the folder, and those above it that hold nothing else."""
        shutil.rmtree(self._folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # the first one that is not empty ends it
            for folder in itertools.takewhile(lambda above: FOLDER in above.parts, self._folder.parents):
                folder.rmdir()

    def _shape(self, panel: Panel, tile_row: int) -> tuple[int, int]:
        row, end = panel.strip_rows(tile_row)
        return end - row, panel.width * self._pixel_bytes

    def _path(self, panel: int, tile_row: int) -> Path:
        return self._folder / f"{self._origin}w{self._panel_width}p{panel:04d}r{tile_row:06d}.strip"

    def _segments(self, strip: _Kept, shape: tuple[int, int]) -> Iterator[NDArray[np.uint8]]:
        body = strip.body
        height, width = shape
        position = 0
        for first in range(0, height, self._segment_rows):
            rows = min(self._segment_rows, height - first)
            if strip.mark == _CONSTANT:
                yield np.full((rows, width), body[0], np.uint8)
                continue
            (length,) = _LENGTH.unpack_from(body, position)
            position += _LENGTH.size + length
            packed = body[position - length : position]
            yield np.frombuffer(zlib.decompress(packed), np.uint8).reshape(rows, width)
