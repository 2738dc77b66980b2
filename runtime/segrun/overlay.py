"""Masks drawn over their pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from segrun.atomic import write_bytes
from segrun.colours import class_colours
from segrun.sinks.rows import RowOrder, writing
from segrun.sinks.sink import NODATA

LONGEST_SIDE_PX = 2048
JPEG_QUALITY = 90
CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)


def overlay(
    pixels: npt.NDArray[np.uint8],
    mask: npt.NDArray[np.uint8],
    colours: npt.NDArray[np.uint8] | None = None,
    alpha: float = 0.4,
) -> npt.NDArray[np.uint8]:
    """Tint each class and draw its outline; background and pixels without data stay as they are.

    Args:
        pixels: uint8 [h, w, 3], RGB.
        mask: uint8 [h, w] of class indices, 255 where there is no data.
        colours: uint8 [k, 3], RGB, row 0 the background; None takes the project's own.
        alpha: weight of the tint, 0 to 1; outlines are opaque.
    Returns:
        uint8 [h, w, 3], RGB.
    Raises:
        ValueError: shapes that do not fit, or a class without a colour.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.shape[:2] != mask.shape:
        raise ValueError(
            f"pixels must be [h, w, 3] and the mask [h, w]. Received: {list(pixels.shape)} and {list(mask.shape)}."
        )
    classes = np.where(mask == NODATA, 0, mask).astype(np.uint8)
    highest = int(classes.max(initial=0))
    colours = class_colours(max(highest, 1)) if colours is None else colours
    if highest >= len(colours):
        raise ValueError(f"every class needs a colour. Received: class {highest}, {len(colours)} colours.")
    table = np.zeros((256, 3), np.uint8)
    table[: len(colours)] = colours
    tint = table[classes]
    drawn = pixels.copy()
    inside = classes > 0
    blended = cv2.addWeighted(pixels, 1.0 - alpha, tint, alpha, 0.0)
    drawn[inside] = blended[inside]
    # Erosion takes the smallest neighbour: where it differs, a pixel borders on the background or on a lower class.
    edge = inside & (cv2.erode(classes, CROSS, borderType=cv2.BORDER_REPLICATE) != classes)
    drawn[edge] = tint[edge]
    return drawn


class OverlayWriter:
    """Draws the mask of a frame of any height over it, made small enough to look at, from strips.

    Args:
        path: where the JPEG will stand.
        height: rows of the frame.
        width: columns of the frame.
        colours: as for ``overlay``.
    """

    def __init__(
        self, path: Path, *, height: int, width: int, colours: npt.NDArray[np.uint8] | None = None
    ) -> None:
        self.path = path
        self._rows = RowOrder(height, width)
        self._colours = colours
        self._factor = -(-max(height, width) // LONGEST_SIDE_PX)
        small = -(-height // self._factor), -(-width // self._factor)
        self._pixels = np.empty((*small, 3), np.uint8)
        self._mask = np.empty(small, np.uint8)
        self._rest_pixels = np.empty((0, width, 3), np.uint8)
        self._rest_mask = np.empty((0, width), np.uint8)

    def write(self, row: int, pixels: npt.NDArray[np.uint8], mask: npt.NDArray[np.uint8]) -> None:
        """Append rows in order.

        Args:
            row: the frame row of ``pixels[0]``.
            pixels: uint8 [rows, width, bands], RGB first; a single band is drawn grey.
            mask: uint8 [rows, width] of class indices.
        Raises:
            ValueError: rows out of order, or of another width.
        """
        self._rows.take(row, mask)
        colour = pixels[..., :3] if pixels.shape[2] >= 3 else np.repeat(pixels[..., :1], 3, axis=2)
        pixels = np.concatenate([self._rest_pixels, colour])
        mask = np.concatenate([self._rest_mask, mask])
        top = self._rows.written - pixels.shape[0]
        last = self._rows.written == self._rows.height
        whole = pixels.shape[0] if last else pixels.shape[0] // self._factor * self._factor
        if whole:
            self._shrink(top // self._factor, pixels[:whole], mask[:whole])
        self._rest_pixels, self._rest_mask = pixels[whole:], mask[whole:]

    def _shrink(self, at: int, pixels: npt.NDArray[np.uint8], mask: npt.NDArray[np.uint8]) -> None:
        factor = self._factor
        pad = [(0, -length % factor) for length in mask.shape]
        if factor > 1:
            pixels = np.pad(pixels, [*pad, (0, 0)], mode="edge")
            mask = np.pad(mask, pad, mode="edge")[factor // 2 :: factor, factor // 2 :: factor]
            size = (mask.shape[1], mask.shape[0])
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        self._pixels[at : at + mask.shape[0]] = pixels
        self._mask[at : at + mask.shape[0]] = mask

    def commit(self) -> Path:
        """Draw and write the picture, and return where it stands.

        Raises:
            OutputError: it cannot be written.
            ValueError: rows are missing.
        """
        self._rows.finish()
        drawn = overlay(self._pixels, self._mask, self._colours)
        bgr = cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR)
        _, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        with writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(self.path, jpeg.tobytes())
        return self.path

    def abort(self) -> None:
        """Nothing was written yet: nothing is left behind."""
