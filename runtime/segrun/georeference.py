"""Where a raster lies on the ground, in plain values that may pass between threads."""

from __future__ import annotations

from dataclasses import dataclass

# Pixel and line, then x, y and z on the ground.
ControlPoint = tuple[float, float, float, float, float]


@dataclass(frozen=True)
class Georeference:
    """The georeference of a raster.

    Args:
        crs_wkt: the coordinate reference system as WKT, None when the file names none.
        transform: GDAL-style affine ``(a, b, c, d, e, f)``: x = a * col + b * row + c, y = d * col + e * row + f;
            None where the raster is tied by control points, or by nothing.
        control_points: ``(col, row, x, y, z)`` each; empty for most rasters.
        control_points_wkt: the reference system of the control points.
        rational_polynomials: GDAL's RPC metadata, names and values.
        pixel_is_point: whether the file states that coordinates mean pixel centres.
    """

    crs_wkt: str | None = None
    transform: tuple[float, float, float, float, float, float] | None = None
    control_points: tuple[ControlPoint, ...] = ()
    control_points_wkt: str | None = None
    rational_polynomials: tuple[tuple[str, str], ...] = ()
    pixel_is_point: bool = False
