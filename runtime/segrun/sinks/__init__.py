"""Outputs: how masks are written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from segrun.sinks.sink import NODATA, Sink

if TYPE_CHECKING:
    from segrun.georeference import Georeference

__all__ = ["NODATA", "Sink", "open_sink"]


def open_sink(
    path: Path,
    *,
    height: int,
    width: int,
    foreground: int = 1,
    nodata: int | None = None,
    georeference: Georeference | None = None,
    tags: Mapping[str, str] | None = None,
) -> Sink:
    """Start a mask file; its folder is made where it is missing.

    Args:
        path: ends in ``.png`` or ``.tif``.
        height: rows of the mask.
        width: columns of the mask.
        foreground: number of classes beside the background, 1 to 254. A PNG of one class holds 0 and 255, of more a
            palette picture of indices; a GeoTIFF always holds indices.
        nodata: PNG only: the value of pixels without data; None writes 0 there.
        georeference: GeoTIFF only: where the mask lies.
        tags: GeoTIFF only: provenance, as GDAL metadata.
    Raises:
        OutputError: the file cannot be made.
        MissingExtraError: a GeoTIFF, and rasterio is not installed.
        ValueError: arguments that contradict each other.
    """
    if path.suffix == ".tif":
        from segrun.sinks.geotiff import GeoTiffSink

        return GeoTiffSink(
            path,
            height=height,
            width=width,
            foreground=foreground,
            georeference=georeference,
            tags=tags or {},
        )
    from segrun.sinks.png import PngSink

    return PngSink(path, height=height, width=width, foreground=foreground, nodata=nodata)
