from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import rasterio

from segrun.georeference import Georeference
from segrun.ground import GroundArea
from segrun.sources import open_frame, plan

# Source: Snyder, Map Projections - A Working Manual (USGS 1395), area of a quadrangle on the ellipsoid; WGS 84.
A_M, E2 = 6378137.0, 6.69437999014e-3


def wkt(code: int) -> str:
    return str(rasterio.crs.CRS.from_epsg(code).to_wkt())


def quadrangle_m2(south: float, north: float, degrees: float) -> float:
    def authalic(latitude: float) -> float:
        e, sine = math.sqrt(E2), math.sin(math.radians(latitude))
        return (1 - E2) * (sine / (1 - E2 * sine**2) - math.log((1 - e * sine) / (1 + e * sine)) / (2 * e))

    return A_M**2 * math.radians(degrees) * (authalic(north) - authalic(south)) / 2


@pytest.mark.parametrize("latitude", [-70.0, 0.0, 27.6, 47.0, 85.0])
def test_degrees_are_measured_on_the_ellipsoid(latitude: float) -> None:
    step = 1e-5
    place = Georeference(crs_wkt=wkt(4326), transform=(step, 0, 10.0, 0, -step, latitude + 50 * step))
    area = GroundArea.of(place, 100, 100)
    assert area is not None
    truth = quadrangle_m2(latitude - step / 2, latitude + step / 2, step)
    assert area.pixel_m2(50, 50) == pytest.approx(truth, rel=1e-5)


def test_web_mercator_is_taken_back_to_the_ground(shared_data: Path) -> None:
    frame = open_frame(plan([shared_data / "oam_banepa" / "geotiff" / "predict_mosaic.tif"])[0])
    assert frame.georeference is not None
    assert frame.georeference.transform is not None
    area = GroundArea.of(frame.georeference, frame.height, frame.width)
    assert area is not None
    assert area.gsd_cm == pytest.approx(13.2, rel=0.005)
    nominal = frame.georeference.transform[0] ** 2
    assert nominal / area.pixel_m2(1000, 1000) == pytest.approx(1.27, rel=0.01)


@pytest.mark.parametrize(("code", "easting"), [(32632, 500000.0), (26914, 621000.0), (3395, 900000.0)])
def test_large_rasters_are_right_everywhere(code: int, easting: float) -> None:
    size, north = 20000, 5200000.0
    area = GroundArea.of(
        Georeference(crs_wkt=wkt(code), transform=(5.0, 0, easting, 0, -5.0, north)), size, size
    )
    assert area is not None
    for row, col in ((0, 0), (1300, 18000), (9999, 4000), (19999, 19999)):
        corners = np.array([(row, col), (row, col + 8), (row + 8, col + 8), (row + 8, col)], np.float64)
        lon, lat = rasterio.warp.transform(
            wkt(code), "EPSG:4326", easting + 5.0 * corners[:, 1], north - 5.0 * corners[:, 0]
        )
        middle = math.radians(sum(lat) / 4)
        curve = 1 - E2 * math.sin(middle) ** 2
        x = np.radians(np.array(lon) - lon[0]) * A_M * math.cos(middle) / math.sqrt(curve)
        y = np.radians(np.array(lat) - lat[0]) * A_M * (1 - E2) / curve**1.5
        shoelace = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
        assert area.pixel_m2(row + 4, col + 4) == pytest.approx(shoelace / 64, rel=5e-4)


def test_a_turned_raster_has_the_same_pixels() -> None:
    long, short = 0.1 * math.cos(math.radians(30)), 0.1 * math.sin(math.radians(30))
    areas = [
        GroundArea.of(Georeference(crs_wkt=wkt(32632), transform=transform), 500, 400)
        for transform in ((0.1, 0, 500000, 0, -0.1, 5000000), (long, short, 500000, short, -long, 5000000))
    ]
    assert areas[0] is not None
    assert areas[1] is not None
    assert areas[1].pixel_m2(10, 20) == pytest.approx(areas[0].pixel_m2(10, 20), rel=1e-6)


def test_control_points_serve_where_there_is_no_transform() -> None:
    affine = rasterio.Affine(0.2, 0, 500000, 0, -0.2, 5000000)
    points = tuple(
        (c, r, *(affine @ (c, r)), 0.0) for r, c in ((0.0, 0.0), (0.0, 99.0), (99.0, 0.0), (99.0, 99.0))
    )
    area = GroundArea.of(Georeference(control_points=points, control_points_wkt=wkt(32632)), 100, 100)
    assert area is not None
    assert area.gsd_cm == pytest.approx(20.0, rel=1e-3)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1)])
def test_thin_rasters_have_an_area_too(size: tuple[int, int]) -> None:
    place = Georeference(crs_wkt=wkt(32632), transform=(0.1, 0, 500000, 0, -0.1, 5000000))
    area = GroundArea.of(place, *size)
    assert area is not None
    assert area.pixel_m2(0, 0) == pytest.approx(0.01, rel=2e-3)


LOCAL = 'LOCAL_CS["site grid",UNIT["metre",1]]'


@pytest.mark.parametrize(
    "place",
    [
        Georeference(transform=(0.1, 0, 0, 0, -0.1, 0)),
        Georeference(crs_wkt=wkt(32632)),
        Georeference(crs_wkt=LOCAL, transform=(0.1, 0, 0, 0, -0.1, 0)),
        Georeference(crs_wkt=wkt(32632), transform=(1e9, 0, 0, 0, -1e9, 0)),
    ],
)
def test_what_is_not_tied_to_the_earth_has_no_area(place: Georeference) -> None:
    assert GroundArea.of(place, 100, 100) is None
