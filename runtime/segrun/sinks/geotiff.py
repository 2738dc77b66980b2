"""Masks as tiled GeoTIFF: class indices, 255 where there is no data, lying exactly where the input lies."""

from __future__ import annotations

import contextlib
import mmap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.colours import class_colours
from segrun.errors import MissingExtraError, OutputError
from segrun.formats import UnusableError, tiff
from segrun.gdal import gdal_env, gdal_errors, place_not_needed, rasterio_is_here
from segrun.georeference import Georeference
from segrun.sinks.rows import PendingFile, RowOrder, writing
from segrun.sinks.sink import NODATA

BLOCK = 256
WRITTEN_PX = 16 * BLOCK
OPAQUE = 255


class GeoTiffSink:
    """A GeoTIFF mask in the making; rows are gathered into rows of blocks, ``256 * width`` bytes.

    Args:
        path: where it will stand.
        height: rows.
        width: columns.
        foreground: classes beside the background.
        georeference: where it lies; None for nowhere.
        tags: provenance, written as GDAL metadata.
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
        foreground: int = 1,
        georeference: Georeference | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        if not rasterio_is_here():
            raise MissingExtraError(f"writing {path}", "geo")
        self._rows = RowOrder(height, width)
        colours = class_colours(foreground)
        self._buffer = np.empty((BLOCK, width), np.uint8)
        self._pending = PendingFile(path)
        with gdal_writing(self.path, self.abort), place_not_needed():
            self._dataset = create_geotiff(
                self._pending.temporary, height, width, georeference or Georeference(), tags or {},
                count=1, dtype="uint8", nodata=NODATA, photometric="palette",
            )  # fmt: skip
            self._colour(colours)

    def _colour(self, colours: npt.NDArray[np.uint8]) -> None:
        table = {index: (*map(int, colour), OPAQUE) for index, colour in enumerate(colours)}
        self._dataset.write_colormap(1, {0: (0, 0, 0, OPAQUE), NODATA: (0, 0, 0, 0), **table})

    @property
    def path(self) -> Path:
        """Where the mask will stand."""
        return self._pending.path

    def write(self, row: int, mask: npt.NDArray[np.uint8]) -> None:
        """Append rows of class indices; see ``Sink``."""
        self._rows.take(row, mask)
        with gdal_writing(self.path, self.abort):
            done = 0
            while done < mask.shape[0]:
                filled = (row + done) % BLOCK
                taken = min(BLOCK - filled, mask.shape[0] - done)
                self._buffer[filled : filled + taken] = mask[done : done + taken]
                done += taken
                if filled + taken == BLOCK or row + done == self._rows.height:
                    self._flush(row + done, filled + taken)

    def _flush(self, bottom: int, count: int) -> None:
        # rasterio copies what it writes: a part at a time keeps a wide mask from being held twice.
        for left in range(0, self._rows.width, WRITTEN_PX):
            part = self._buffer[:count, left : left + WRITTEN_PX]
            window = ((bottom - count, bottom), (left, left + part.shape[1]))
            self._dataset.write(part, 1, window=window)

    def commit(self) -> Path:
        """Finish the file and move it into place; see ``Sink``."""
        self._rows.finish()
        with gdal_writing(self.path, self.abort):
            close_whole(self._dataset, self._pending.temporary)
        return self._pending.commit()

    def abort(self) -> None:
        """Leave nothing behind; see ``Sink``."""
        # What cannot be flushed any more is thrown away with the file.
        with contextlib.suppress(*gdal_errors()), gdal_env():
            if hasattr(self, "_dataset"):
                self._dataset.close()
        self._pending.abort()


@contextlib.contextmanager
def gdal_writing(path: Path, abort: Callable[[], None]) -> Iterator[None]:
    """Let GDAL write a file; where anything fails, ``abort`` is called, and GDAL's errors become an ``OutputError``."""
    try:
        with gdal_env(), writing(path):
            yield
    except gdal_errors() as error:
        abort()
        cause = " ".join(str(error.__cause__ or error).split())
        raise OutputError(
            f"cannot write {path} ({cause}). Free some space or name another output folder with -o."
        ) from error
    except BaseException:
        abort()
        raise


def create_geotiff(
    path: Path, height: int, width: int, georeference: Georeference, tags: Mapping[str, str], **profile: Any
) -> Any:
    """Open a new tiled and deflated GeoTIFF that lies where its input lies; ``profile`` goes to rasterio."""
    import rasterio
    from rasterio.control import GroundControlPoint

    place: dict[str, Any] = {"crs": georeference.crs_wkt}
    if georeference.transform is not None:
        place["transform"] = rasterio.Affine(*georeference.transform)
    elif georeference.control_points:
        place["gcps"] = [
            GroundControlPoint(row=row, col=col, x=x, y=y, z=z)
            for col, row, x, y, z in georeference.control_points
        ]
        place["crs"] = georeference.control_points_wkt
    dataset = rasterio.open(
        path, "w", driver="GTiff", height=height, width=width,
        tiled=True, blockxsize=BLOCK, blockysize=BLOCK, compress="deflate", BIGTIFF="IF_SAFER",
        **profile, **place,
    )  # fmt: skip
    if georeference.rational_polynomials:
        dataset.update_tags(ns="RPC", **dict(georeference.rational_polynomials))
    dataset.update_tags(**tags, **({"AREA_OR_POINT": "Point"} if georeference.pixel_is_point else {}))
    return dataset


def close_whole(dataset: Any, path: Path) -> None:
    """Close a GeoTIFF and look at its block table: GDAL reports a full disk late, or only in its log.

    Raises:
        OSError: blocks are missing.
    """
    dataset.close()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            tiff.check_whole(data)
            missing = 0 in tiff.read_directory(data).values(tiff.TILE_BYTE_COUNTS)
        except UnusableError as error:
            raise OSError(f"the file {error}") from error
    if missing:
        raise OSError("blocks are missing in the file")
