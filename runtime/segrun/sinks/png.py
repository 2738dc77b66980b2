"""Masks as PNG, written row by row: grey 0 and 255 for one class, a palette of class indices for more.

Source: https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import contextlib
import functools
import zlib
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from segrun.colours import class_colours
from segrun.formats.png import IHDR, SIGNATURE, chunk
from segrun.sinks.rows import PendingFile, RowOrder, writing
from segrun.sinks.sink import NODATA

GREY, PALETTE = 0, 3
CHUNK_BYTES = 1 << 16
NODATA_GREY = 128


class PngSink:
    """A PNG mask in the making.

    Args:
        path: where it will stand.
        height: rows.
        width: columns.
        foreground: classes beside the background.
        nodata: value of pixels without data; None writes 0 there, since PNG has no third state.
    Raises:
        OutputError: the file cannot be made.
        ValueError: ``nodata`` is the value of a class, or does not fit into 8 bits.
    """

    def __init__(
        self, path: Path, *, height: int, width: int, foreground: int = 1, nodata: int | None = None
    ) -> None:
        self._rows = RowOrder(height, width)
        colours = class_colours(foreground)
        self._values = _values(foreground, nodata)
        # Run lengths at the lowest level: on masks a quarter of the default's time for a tenth more bytes.
        self._zlib = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
        self._packed = bytearray()
        self._pending = PendingFile(path)
        with writing(path):
            self._file = self._pending.temporary.open("xb")
        head = SIGNATURE + chunk(
            b"IHDR", IHDR.pack(width, height, 8, GREY if foreground == 1 else PALETTE, 0, 0, 0)
        )
        if foreground > 1:
            head += _palette(colours, nodata)
        self._append(head)

    @property
    def path(self) -> Path:
        """Where the mask will stand."""
        return self._pending.path

    def write(self, row: int, mask: npt.NDArray[np.uint8]) -> None:
        """Append rows of class indices; see ``Sink``."""
        self._rows.take(row, mask)
        # Each PNG row starts with the number of its filter; 0 is none, which suits flat masks.
        lines = np.empty((mask.shape[0], mask.shape[1] + 1), np.uint8)
        lines[:, 0] = 0
        lines[:, 1:] = cv2.LUT(mask, self._values)
        self._packed += self._zlib.compress(lines.data)
        # Chunks of one size, so that equal masks give equal bytes however their rows came.
        while len(self._packed) >= CHUNK_BYTES:
            self._append(chunk(b"IDAT", bytes(self._packed[:CHUNK_BYTES])))
            del self._packed[:CHUNK_BYTES]

    def commit(self) -> Path:
        """Finish the file and move it into place; see ``Sink``."""
        self._rows.finish()
        self._packed += self._zlib.flush()
        rest = b"".join(
            chunk(b"IDAT", bytes(self._packed[start : start + CHUNK_BYTES]))
            for start in range(0, len(self._packed), CHUNK_BYTES)
        )
        self._append(rest + chunk(b"IEND", b""), last=True)
        return self._pending.commit()

    def abort(self) -> None:
        """Leave nothing behind; see ``Sink``."""
        # What cannot be flushed any more is thrown away with the file.
        with contextlib.suppress(OSError):
            self._file.close()
        self._pending.abort()

    def _append(self, content: bytes, *, last: bool = False) -> None:
        try:
            with writing(self.path):
                self._file.write(content)
                if last:
                    self._file.close()
        except BaseException:
            self.abort()
            raise


def class_values(foreground: int) -> list[int]:
    """Return the values that stand for the classes beside the background."""
    return [255] if foreground == 1 else list(range(1, foreground + 1))


def stands_for_nothing_else(nodata: int, foreground: int) -> bool:
    """Say whether a value may mark pixels without data: it fits into 8 bits and is no class's."""
    return 0 <= nodata <= 255 and nodata not in class_values(foreground)


@functools.lru_cache(maxsize=4)
def _values(foreground: int, nodata: int | None) -> npt.NDArray[np.uint8]:
    """Return the stored value of every class index, uint8 [256], read-only; kept for the next mask."""
    values = np.zeros(256, np.uint8)
    used = class_values(foreground)
    values[1 : foreground + 1] = used
    if nodata is not None:
        if not stands_for_nothing_else(nodata, foreground):
            raise ValueError(
                f"nodata must fit into 8 bits and be no class's value. Received: {nodata}. Classes: {used}."
            )
        values[NODATA] = nodata
    values.flags.writeable = False
    return values


def _palette(colours: npt.NDArray[np.uint8], nodata: int | None) -> bytes:
    """Return the PLTE chunk, and a tRNS chunk that makes pixels without data transparent."""
    if not nodata:
        return chunk(b"PLTE", colours.tobytes())
    table = np.full((nodata + 1, 3), NODATA_GREY, np.uint8)
    table[: len(colours)] = colours
    opacity = bytes([255] * nodata + [0])
    return chunk(b"PLTE", table.tobytes()) + chunk(b"tRNS", opacity)
