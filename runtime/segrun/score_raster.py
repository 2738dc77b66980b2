"""The scores themselves as a GeoTIFF beside the mask, for whoever wants another threshold later."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segrun.errors import InputError, MissingExtraError
from segrun.gdal import gdal_env, gdal_errors, place_not_needed, rasterio_is_here
from segrun.georeference import Georeference
from segrun.packed_scores import BYTES, FULL, NO_SCORE
from segrun.sinks.geotiff import BLOCK, WRITTEN_PX, close_whole, create_geotiff, gdal_writing
from segrun.sinks.rows import PendingFile, RowOrder
from segrun.sources import Planned


def scores_path(planned: Planned, out: Path) -> Path:
    """Return where the scores of an input go: ``ortho.scores.tif`` beside ``ortho.tif`` or ``ortho.png``."""
    return out / planned.name.with_name(planned.name.name + ".scores.tif")


def refuse_shared_names(planned: Sequence[Planned], out: Path) -> None:
    """See that no score raster gets the name of a mask or of an input.

    Raises:
        InputError: one would.
    """
    masks = {item.mask_path(out): item.path for item in planned}
    inputs = {item.path.resolve() for item in planned}
    for item in planned:
        path = scores_path(item, out)
        if path in masks:
            raise InputError(
                f"the scores of {item.path} and the mask of {masks[path]} would both be {path}. "
                "Rename one, or leave out --scores."
            )
        if path.resolve() in inputs:
            raise InputError(
                f"the scores of {item.path} would overwrite the input {path}. Name another output folder."
            )


class ScoreRaster:
    """A GeoTIFF of scores in the making: one uint16 band for each class, with its scale and no data stated.

    Args:
        path: where it will stand.
        height: rows.
        width: columns.
        classes: names of the channels.
        georeference: where it lies; None for nowhere.
        tags: provenance.
    Raises:
        OutputError: the file cannot be made.
        MissingExtraError: rasterio is not installed.
    """

    def __init__(
        self,
        path: Path,
        *,
        height: int,
        width: int,
        classes: Sequence[str],
        georeference: Georeference | None,
        tags: Mapping[str, str],
    ) -> None:
        if not rasterio_is_here():
            raise MissingExtraError("writing scores", "geo")
        self._count = len(classes)
        self._width = width
        self._rows = RowOrder(height, width * self._count * BYTES)
        self._buffer = np.empty((self._count, BLOCK, width), np.uint16)
        self._pending = PendingFile(path)
        with gdal_writing(self._pending.path, self.abort), place_not_needed():
            self._dataset = create_geotiff(
                self._pending.temporary, height, width, georeference or Georeference(), tags,
                count=self._count, dtype="uint16", nodata=NO_SCORE, predictor=2, interleave="band",
            )  # fmt: skip
            self._dataset.scales = (1 / FULL,) * self._count
            for band, name in enumerate(classes, start=1):
                self._dataset.set_band_description(band, name)

    def write(self, row: int, packed_rows: NDArray[np.uint8]) -> None:
        """Append rows as ``packed`` makes them, in order.

        Raises:
            OutputError: the file cannot be written.
        """
        self._rows.take(row, packed_rows)
        steps = np.ascontiguousarray(packed_rows).view(np.uint16).reshape(len(packed_rows), -1, self._count)
        done = 0
        while done < len(steps):
            filled = (row + done) % BLOCK
            taken = min(BLOCK - filled, len(steps) - done)
            self._buffer[:, filled : filled + taken] = steps[done : done + taken].transpose(2, 0, 1)
            done += taken
            if filled + taken == BLOCK or row + done == self._rows.height:
                bottom, count = row + done, filled + taken
                with gdal_writing(self._pending.path, self.abort):
                    for left in range(0, self._width, WRITTEN_PX):
                        part = self._buffer[:, :count, left : left + WRITTEN_PX]
                        window = ((bottom - count, bottom), (left, left + part.shape[2]))
                        self._dataset.write(part, window=window)

    def commit(self) -> Path:
        """Finish the file and move it into place.

        Raises:
            OutputError: the file cannot be written.
        """
        self._rows.finish()
        with gdal_writing(self._pending.path, self.abort):
            close_whole(self._dataset, self._pending.temporary)
        return self._pending.commit()

    def abort(self) -> None:
        """Leave nothing behind."""
        with contextlib.suppress(*gdal_errors()), gdal_env():
            if hasattr(self, "_dataset"):
                self._dataset.close()
        self._pending.abort()
