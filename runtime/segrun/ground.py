"""How large a pixel is on the ground.

Map units lie: EPSG:3857 states metres that are too long by 1 / cos(latitude). So pixel corners are taken to longitude
and latitude, and measured there with the ellipsoid's radii of curvature.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.gdal import gdal_env, gdal_errors
from segrun.georeference import Georeference

# Source: WGS 84, NIMA TR8350.2: semi-major axis in metres, and first eccentricity squared.
SEMI_MAJOR_M = 6378137.0
ECCENTRICITY_2 = 6.69437999014e-3
NODES = 9
STEP_PX = 4.0


@dataclass(frozen=True)
class GroundArea:
    """Ground area of the pixels of one raster, exact on a coarse grid of nodes and bilinear between them.

    Args:
        rows: float64 [n], node rows, rising.
        cols: float64 [m], node columns, rising.
        m2: float64 [n, m], square metres of one pixel at each node.
    """

    rows: npt.NDArray[np.float64]
    cols: npt.NDArray[np.float64]
    m2: npt.NDArray[np.float64]

    @classmethod
    def of(cls, georeference: Georeference, height: int, width: int) -> GroundArea | None:
        """Measure a raster.

        Args:
            georeference: where it lies.
            height: rows.
            width: columns.
        Returns:
            None where the reference system is absent or not tied to the Earth.
        Raises:
            MissingExtraError: rasterio is not installed.
        """
        rows = np.linspace(0.0, height, NODES if height > 1 else 2)
        cols = np.linspace(0.0, width, NODES if width > 1 else 2)
        m2 = _measure(georeference, rows, cols)
        return None if m2 is None or not np.isfinite(m2).all() or (m2 <= 0).any() else cls(rows, cols, m2)

    def pixel_m2(self, row: float, col: float) -> float:
        """Return square metres of the pixel at a place; places outside take the nearest edge's value."""
        i, down = _between(self.rows, row)
        j, right = _between(self.cols, col)
        top = self.m2[i, j] * (1 - right) + self.m2[i, j + 1] * right
        bottom = self.m2[i + 1, j] * (1 - right) + self.m2[i + 1, j + 1] * right
        return float(top * (1 - down) + bottom * down)

    @property
    def gsd_cm(self) -> float:
        """Ground sampling distance in the middle, cm per pixel: the side of a square of the pixel's area."""
        return 100.0 * math.sqrt(self.pixel_m2(self.rows[-1] / 2, self.cols[-1] / 2))


def _between(nodes: npt.NDArray[np.float64], place: float) -> tuple[int, float]:
    index = min(max(int(np.searchsorted(nodes, place)) - 1, 0), len(nodes) - 2)
    share = (place - nodes[index]) / (nodes[index + 1] - nodes[index])
    return index, min(max(float(share), 0.0), 1.0)


def _measure(
    georeference: Georeference, rows: npt.NDArray[np.float64], cols: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64] | None:
    wkt, transform = _affine(georeference)
    if wkt is None or transform is None:
        return None
    a, b, c, d, e, f = transform
    grid_rows, grid_cols = np.meshgrid(rows, cols, indexing="ij")
    # A cross of four points around each node gives the two edges of a pixel there.
    steps = np.array([(0, -STEP_PX), (0, STEP_PX), (-STEP_PX, 0), (STEP_PX, 0)])
    at_rows = grid_rows[..., None] + steps[:, 0]
    at_cols = grid_cols[..., None] + steps[:, 1]
    places = _to_degrees(wkt, a * at_cols + b * at_rows + c, d * at_cols + e * at_rows + f)
    if places is None:
        return None
    longitude, latitude = places
    middle = np.radians(latitude.mean(axis=-1))
    curve = 1.0 - ECCENTRICITY_2 * np.sin(middle) ** 2
    north_m = np.radians(SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / curve**1.5)
    east_m = np.radians(SEMI_MAJOR_M * np.cos(middle) / np.sqrt(curve))

    def edge(first: int, last: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        turn = (longitude[..., last] - longitude[..., first] + 180.0) % 360.0 - 180.0
        return turn * east_m / (2 * STEP_PX), (latitude[..., last] - latitude[..., first]) * north_m / (
            2 * STEP_PX
        )

    (east_col, north_col), (east_row, north_row) = edge(0, 1), edge(2, 3)
    return np.asarray(np.abs(east_col * north_row - east_row * north_col), np.float64)


def _affine(georeference: Georeference) -> tuple[str | None, tuple[float, ...] | None]:
    if georeference.transform is not None or not georeference.control_points:
        return georeference.crs_wkt, georeference.transform
    from rasterio.control import GroundControlPoint
    from rasterio.transform import from_gcps

    points = [
        GroundControlPoint(row=row, col=col, x=x, y=y) for col, row, x, y, _ in georeference.control_points
    ]
    return georeference.control_points_wkt, tuple(from_gcps(points))[:6]


def _to_degrees(wkt: str, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> Any:
    """Return longitude and latitude, degrees, in the shape of ``x``; None where PROJ knows no way."""
    from rasterio.crs import CRS
    from rasterio.warp import transform

    try:
        with gdal_env():
            longitude, latitude = transform(CRS.from_wkt(wkt), "EPSG:4326", x.ravel(), y.ravel())
    except gdal_errors():
        return None
    return np.reshape(longitude, x.shape), np.reshape(latitude, x.shape)
