"""What pixels without data become, and that it is never the value of a class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segrun.cli import run
from segrun.dry_run import dry_run
from segrun.errors import InputError
from segrun.predict import PredictOptions, predict
from tests.onnx_models import card, identity_graph, write_model
from tests.runtime.test_predict import draw, save


@pytest.mark.parametrize(("classes", "nodata", "free"), [(1, 255, 254), (3, 1, 255), (3, 2, 255)])
def test_the_value_of_a_class_is_refused_before_anything_is_written(
    tmp_path: Path, classes: int, nodata: int, free: int, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_model(tmp_path / "m.onnx", identity_graph(32, classes=classes), card(32, classes))
    pixels = np.full((32, 32, 4), 255, np.uint8)
    pixels[:9, :, 3] = 0
    source = save(tmp_path / "a.png", pixels)
    words = ["predict", "-m", model, source, "-o", tmp_path / "out", "--nodata"]
    assert run([*map(str, words), str(nodata)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"Received: --nodata {nodata}" in line
    assert line.endswith(f"Use --nodata {free}.")
    assert not (tmp_path / "out").exists()
    with pytest.raises(InputError, match="no class's"):
        dry_run(model, [source], PredictOptions(out=tmp_path / "out", nodata=nodata))
    assert run([*map(str, words), str(free)]) == 0
    assert (np.asarray(Image.open(tmp_path / "out/a.png"))[:9] == free).all()


def test_a_geotiff_writes_its_own_value_whatever_is_asked_for_pngs(
    tmp_path: Path, identity_model: Path
) -> None:
    rasterio = pytest.importorskip("rasterio", reason="the geo extra is not installed")
    from tests.runtime.test_predict_raster import write

    pixels = np.maximum(draw(64, 64), 1)
    pixels[:9] = 0
    source = write(tmp_path / "o.tif", pixels, nodata=0)
    predict(identity_model, [source], PredictOptions(out=tmp_path / "out", nodata=255))
    with rasterio.open(tmp_path / "out/o.tif") as mask:
        assert (mask.read(1)[:9] == 255).all()
