from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segrun.errors import InputError, OutputError
from segrun.gdal import place_not_needed
from segrun.georeference import Georeference
from segrun.packed_scores import packed
from segrun.predict import PredictOptions, predict
from segrun.score_raster import ScoreRaster
from tests.onnx_models import card, identity_graph, write_model
from tests.runtime.test_predict import draw as draw_picture
from tests.runtime.test_predict import save

rasterio = pytest.importorskip("rasterio", reason="the geo extra is not installed")
from segrun.sinks.geotiff import GeoTiffSink  # noqa: E402 - after the skip
from tests.runtime.test_predict_raster import draw, write  # noqa: E402 - after the skip


@pytest.mark.parametrize("panel_width", [200, 10_000])
def test_scores_lie_on_the_grid_of_the_mask(
    tmp_path: Path, identity_model: Path, monkeypatch: pytest.MonkeyPatch, panel_width: int
) -> None:
    monkeypatch.setattr("segrun.outputs.PANEL_WIDTH_PX", panel_width)
    pixels = draw(420, 500)
    pixels[96:300] = 0
    blocks = {"tiled": True, "blockxsize": 16, "blockysize": 16}
    source = write(tmp_path / "o.tif", pixels, nodata=0, sparse_ok=True, **blocks)
    report = predict(identity_model, [source], PredictOptions(out=tmp_path / "out", scores=True))
    assert report.inputs[0]["scores"] == str(tmp_path / "out/o.scores.tif")
    with rasterio.open(tmp_path / "out/o.scores.tif") as scores, rasterio.open(source) as image:
        assert (scores.crs, scores.transform, scores.shape) == (image.crs, image.transform, image.shape)
        assert (scores.count, scores.nodata, scores.descriptions) == (1, 65535, ("roof",))
        raw = scores.read(1)
        found = np.rint(raw * scores.scales[0] * 255)
    hole = np.zeros((420, 500), np.bool_)
    hole[96:300] = True
    assert (raw[hole] == 65535).all()
    np.testing.assert_array_equal(found[~hole], pixels[..., 0][~hole])
    assert not (tmp_path / "out/.segrun/strips/o").exists()


def test_a_picture_of_several_classes_gets_a_band_for_each(tmp_path: Path) -> None:
    model = write_model(tmp_path / "m.onnx", identity_graph(32, classes=3), card(32, 3))
    pixels = draw_picture(40, 70)
    save(tmp_path / "a.png", pixels)
    predict(model, [tmp_path / "a.png"], PredictOptions(out=tmp_path / "out", scores=True))
    with place_not_needed(), rasterio.open(tmp_path / "out/a.scores.tif") as scores:
        found = np.rint(scores.read() * scores.scales[0] * 255)
    np.testing.assert_array_equal(found, pixels.transpose(2, 0, 1))


def test_names_that_meet_a_mask_are_refused(tmp_path: Path, identity_model: Path) -> None:
    paths = [write(tmp_path / "o.tif", draw(64, 64)), write(tmp_path / "o.scores.tif", draw(64, 64))]
    with pytest.raises(InputError, match=r"both be .*o\.scores\.tif"):
        predict(identity_model, paths, PredictOptions(out=tmp_path / "out", scores=True))
    assert not (tmp_path / "out").exists()


def test_an_input_is_never_overwritten(tmp_path: Path, identity_model: Path) -> None:
    save(tmp_path / "o.png", draw_picture(64, 64))
    (tmp_path / "out").mkdir()
    source = write(tmp_path / "out/o.scores.tif", draw(64, 64))
    with pytest.raises(InputError, match="overwrite"):
        predict(
            identity_model, [tmp_path / "o.png", source], PredictOptions(out=tmp_path / "out", scores=True)
        )


def written(path: Path, georeference: Georeference, classes: int = 2) -> ScoreRaster:
    raster = ScoreRaster(
        path,
        height=300,
        width=40,
        classes=[f"class {i}" for i in range(classes)],
        georeference=georeference,
        tags={"A": "b"},
    )
    raster.write(0, packed(np.full((300, 40, classes), 0.5, np.float32), None))
    return raster


def test_it_lies_where_the_mask_lies_in_every_way_of_lying(tmp_path: Path) -> None:
    wkt = rasterio.crs.CRS.from_epsg(32632).to_wkt()
    affine = (0.1, 0.0, 5e5, 0.0, -0.1, 5e6)
    polynomials = {
        "LINE_OFF": "100", "SAMP_OFF": "20", "LAT_OFF": "27.6", "LONG_OFF": "85.5", "HEIGHT_OFF": "1500",
        "LINE_SCALE": "100", "SAMP_SCALE": "20", "LAT_SCALE": "0.1", "LONG_SCALE": "0.1", "HEIGHT_SCALE": "500",
        **{f"{name}_COEFF": " ".join(["1"] + ["0"] * 19) for name in ("LINE_NUM", "LINE_DEN", "SAMP_NUM", "SAMP_DEN")},
    }  # fmt: skip
    points = ((0.0, 0.0, 5.0, 50.0, 0.0), (9.0, 0.0, 6.0, 50.0, 0.0), (0.0, 9.0, 5.0, 49.0, 0.0))
    places = {
        "point": Georeference(crs_wkt=wkt, transform=affine, pixel_is_point=True),
        "rpc": Georeference(rational_polynomials=tuple(polynomials.items())),
        "gcps": Georeference(control_points=points, control_points_wkt=wkt),
    }
    for name, georeference in places.items():
        sink = GeoTiffSink(tmp_path / f"{name}.tif", height=300, width=40, georeference=georeference)
        sink.write(0, np.zeros((300, 40), np.uint8))
        paths = sink.commit(), written(tmp_path / f"{name}.scores.tif", georeference).commit()
        found = []
        for path in paths:
            with place_not_needed(), rasterio.open(path) as dataset:
                rpc = dataset.tags(ns="RPC")
                point = dataset.tags().get("AREA_OR_POINT")
                found.append((dataset.crs, dataset.transform, str(dataset.gcps), rpc, point))
        assert found[0] == found[1]
        assert bool(found[1][3]) == (name == "rpc")
        assert (found[1][4] == "Point") == (name == "point")


def test_scores_that_lost_blocks_never_take_their_place(tmp_path: Path) -> None:
    raster = written(tmp_path / "a.scores.tif", Georeference())
    close = raster._dataset.close

    class Cutting:
        @staticmethod
        def close() -> None:
            close()
            (part,) = tmp_path.iterdir()
            part.write_bytes(part.read_bytes()[:-10])

    raster._dataset = Cutting()
    with pytest.raises(OutputError, match=r"cannot write .*a\.scores\.tif \(the file is cut off"):
        raster.commit()
    assert list(tmp_path.iterdir()) == []
