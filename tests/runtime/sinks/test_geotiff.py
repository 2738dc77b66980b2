from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio

from segrun.colours import class_colours
from segrun.errors import MissingExtraError, OutputError
from segrun.georeference import Georeference
from segrun.sinks.geotiff import GeoTiffSink
from segrun.sources import open_frame, plan

AFFINE = (0.1, 0.0, 500000.0, 0.0, -0.1, 5000000.0)
UTM = Georeference(crs_wkt=rasterio.crs.CRS.from_epsg(32632).to_wkt(), transform=AFFINE)


def write(path: Path, mask: npt.NDArray[np.uint8], **options: Any) -> Path:
    sink = GeoTiffSink(path, height=mask.shape[0], width=mask.shape[1], **options)
    sink.write(0, mask)
    return sink.commit()


def mask_of(height: int, width: int) -> npt.NDArray[np.uint8]:
    mask = np.random.default_rng(0).integers(0, 2, (height, width), np.uint8)
    mask[: height // 3] = 255
    return mask


def test_the_file_is_what_the_design_promises(tmp_path: Path) -> None:
    mask = mask_of(700, 530)
    tags = {"SEGRUN_MODEL": "roofs", "SEGRUN_THRESHOLDS": "0.5"}
    path = write(tmp_path / "a.tif", mask, georeference=UTM, tags=tags)
    with rasterio.open(path) as dataset:
        assert (dataset.count, dataset.dtypes, dataset.nodata) == (1, ("uint8",), 255)
        assert dataset.profile["tiled"]
        assert dataset.block_shapes == [(256, 256)]
        assert dataset.compression.value == "DEFLATE"
        assert dataset.crs == rasterio.crs.CRS.from_epsg(32632)
        assert tuple(dataset.transform)[:6] == AFFINE
        assert (dataset.read(1) == mask).all()
        assert (dataset.dataset_mask() == np.where(mask == 255, 0, 255)).all()
        assert tags.items() <= dataset.tags().items()
        table = dataset.colormap(1)
        assert table[1][:3] == tuple(class_colours(1)[1])
        assert table[0][:3] == (0, 0, 0)
    assert [item.name for item in tmp_path.iterdir()] == ["a.tif"]


def test_every_class_has_its_colour(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.zeros((5, 5), np.uint8), foreground=6, georeference=UTM)
    with rasterio.open(path) as dataset:
        table = dataset.colormap(1)
        assert [table[index][:3] for index in range(7)] == [tuple(colour) for colour in class_colours(6)]


def test_a_mask_may_lie_nowhere(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", mask_of(20, 30))
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning), rasterio.open(path) as dataset:
        assert dataset.crs is None


def test_control_points_rational_polynomials_and_pixel_centres_are_kept(tmp_path: Path) -> None:
    points = ((0.0, 0.0, 5.0, 50.0, 0.0), (9.0, 0.0, 6.0, 50.0, 0.0), (0.0, 9.0, 5.0, 49.0, 0.0))
    wkt = rasterio.crs.CRS.from_epsg(4326).to_wkt()
    path = write(
        tmp_path / "a.tif",
        mask_of(9, 9),
        georeference=Georeference(control_points=points, control_points_wkt=wkt),
    )
    with rasterio.open(path) as dataset:
        found, crs = dataset.gcps
        assert tuple((p.col, p.row, p.x, p.y, p.z) for p in found) == points
        assert crs.to_epsg() == 4326
    centred = Georeference(crs_wkt=UTM.crs_wkt, transform=AFFINE, pixel_is_point=True)
    with rasterio.open(write(tmp_path / "b.tif", mask_of(9, 9), georeference=centred)) as dataset:
        assert dataset.tags()["AREA_OR_POINT"] == "Point"
        assert tuple(dataset.transform)[:6] == AFFINE


def test_real_places_are_kept_exactly(shared_data: Path, tmp_path: Path) -> None:
    paths = [
        *(shared_data / "geotiff" / "images").glob("*.tif"),
        shared_data / "oam_banepa/geotiff/predict_mosaic.tif",
    ]
    assert len(paths) == 10
    for path in paths:
        frame = open_frame(plan([path])[0])
        sink = GeoTiffSink(
            tmp_path / path.name, height=frame.height, width=frame.width, georeference=frame.georeference
        )
        for row in range(0, frame.height, 100):
            sink.write(row, np.ones((min(100, frame.height - row), frame.width), np.uint8))
        with rasterio.open(sink.commit()) as mask, rasterio.open(path) as source:
            assert (mask.crs, mask.transform, mask.shape) == (source.crs, source.transform, source.shape)


def test_a_file_that_lost_its_end_never_takes_its_place(tmp_path: Path) -> None:
    sink = GeoTiffSink(tmp_path / "a.tif", height=600, width=600, georeference=UTM)
    sink.write(0, np.ones((600, 600), np.uint8))
    close = sink._dataset.close

    def close_and_cut() -> None:
        close()
        (part,) = tmp_path.iterdir()
        part.write_bytes(part.read_bytes()[:-10])

    class Cutting:
        close = staticmethod(close_and_cut)

    sink._dataset = Cutting()
    with pytest.raises(OutputError, match=r"cannot write .*a\.tif \(the file is cut off"):
        sink.commit()
    assert list(tmp_path.iterdir()) == []


def test_without_rasterio_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(MissingExtraError, match=r"writing .*a\.tif needs .*segrun\[geo\]"):
        GeoTiffSink(tmp_path / "a.tif", height=2, width=2)
    assert list(tmp_path.iterdir()) == []
