from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segrun.errors import InputError
from segrun.gdal import place_not_needed
from segrun.predict import PredictOptions, predict
from tests.onnx_models import card, identity_graph, write_model
from tests.runtime.test_predict import draw as draw_picture
from tests.runtime.test_predict import save

rasterio = pytest.importorskip("rasterio", reason="the geo extra is not installed")
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
