"""Finished mask rows of one raster, kept on disk until the whole is assembled.

A TIFF that was half written when the process died cannot be trusted, so rows are kept as small files that prove
themselves: a CRC in front, a rename at the end. What is there after a kill is right, and the run goes on from it.
"""

from __future__ import annotations

import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segrun.atomic import replacing
from segrun.errors import OutputError
from segrun.grid import Panel

_HEADER = struct.Struct("<4sIII")
_MARK = b"SGS1"


class StripStore:
    """The strips of one raster in a folder of their own.

    Args:
        folder: made when the first strip is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, panel: int, tile_row: int, rows: NDArray[np.uint8]) -> None:
        """Keep one strip.

        Args:
            panel: index of the panel.
            tile_row: index of the tile row that finished it.
            rows: uint8 [h, w] mask values.
        Raises:
            OutputError: the folder cannot be written.
        """
        body = zlib.compress(rows.tobytes(), 1)
        path = self._path(panel, tile_row)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary:
                temporary.write_bytes(_HEADER.pack(_MARK, zlib.crc32(body), *rows.shape) + body)
        except OSError as error:
            raise OutputError(
                f"cannot write {path} ({error.strerror}). Free some space or choose another -o."
            ) from error

    def read(self, panel: int, tile_row: int, shape: tuple[int, int]) -> NDArray[np.uint8] | None:
        """Return a strip, or None where it is absent, damaged or of another shape."""
        try:
            content = self._path(panel, tile_row).read_bytes()
            mark, crc, height, width = _HEADER.unpack_from(content)
        except (OSError, struct.error):
            return None
        body = content[_HEADER.size :]
        if (mark, height, width) != (_MARK, *shape) or zlib.crc32(body) != crc:
            return None
        return np.frombuffer(zlib.decompress(body), np.uint8).reshape(shape)

    def finished_rows(self, index: int, panel: Panel) -> int:
        """Count the strips of a panel that are there, from the top and without a gap."""
        for tile_row in range(len(panel.grid.rows.starts)):
            row, end = panel.strip_rows(tile_row)
            if self.read(index, tile_row, (end - row, panel.width)) is None:
                return tile_row
        return len(panel.grid.rows.starts)

    def assembled(self, panels: list[Panel], tile_row: int) -> NDArray[np.uint8]:
        """Return the full-width rows that one tile row finished.

        Raises:
            OutputError: a strip that was written is gone.
        """
        row, end = panels[0].strip_rows(tile_row)
        parts = []
        for index, panel in enumerate(panels):
            part = self.read(index, tile_row, (end - row, panel.width))
            if part is None:
                raise OutputError(
                    f"{self._path(index, tile_row)} is gone. Do not touch the folder while segrun runs."
                )
            parts.append(part)
        return np.concatenate(parts, axis=1)

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, panel: int, tile_row: int) -> Path:
        return self._folder / f"p{panel:04d}r{tile_row:06d}.strip"
