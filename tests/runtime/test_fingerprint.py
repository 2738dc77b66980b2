from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from segrun.errors import InputError, OutputError
from segrun.fingerprint import fingerprint
from segrun.predict import PredictOptions, predict
from segrun.sessions.onnx import OnnxSession
from tests.runtime.test_predict import draw, left_in, save
from tests.runtime.test_predict_raster import interrupt, write


def test_a_later_version_has_another_fingerprint(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", draw(8, 8))
    first = fingerprint(path)
    assert fingerprint(path) == first
    os.utime(path, ns=(1, 1))
    assert fingerprint(path) != first
    path.unlink()
    with pytest.raises(InputError, match=r"cannot read .*a\.png"):
        fingerprint(path)


def mosaic(path: Path, source: str, size: int) -> Path:
    band = (
        '<VRTRasterBand dataType="Byte" band="{0}"><SimpleSource><SourceFilename relativeToVRT="1">{1}</SourceFilename>'
        "<SourceBand>{0}</SourceBand></SimpleSource></VRTRasterBand>"
    )
    bands = "".join(band.format(index, source) for index in (1, 2, 3))
    place = "<GeoTransform>500000,1,0,5400000,0,-1</GeoTransform>"
    path.write_text(f'<VRTDataset rasterXSize="{size}" rasterYSize="{size}">{place}{bands}</VRTDataset>')
    return path


def test_a_mosaic_is_what_it_shows(tmp_path: Path) -> None:
    source = write(tmp_path / "a.tif", draw(64, 64))
    inner = mosaic(tmp_path / "inner.vrt", "a.tif", 64)
    outer = mosaic(tmp_path / "outer.vrt", "inner.vrt", 64)
    seen = [(fingerprint(inner), fingerprint(outer))]
    (tmp_path / "a.tif.aux.xml").write_text("<PAMDataset/>")
    assert (fingerprint(inner), fingerprint(outer)) == seen[0]
    os.utime(source, ns=(1, 1))
    seen.append((fingerprint(inner), fingerprint(outer)))
    source.unlink()
    seen.append((fingerprint(inner), fingerprint(outer)))
    assert all(len(set(versions)) == 3 for versions in zip(*seen, strict=True))
    outer.write_text("no mosaic")
    assert fingerprint(outer)


def test_a_mosaic_of_other_pictures_is_neither_kept_nor_resumed(
    tmp_path: Path, identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rasterio = pytest.importorskip("rasterio")
    source = write(tmp_path / "a.tif", draw(300, 300))
    vrt = mosaic(tmp_path / "mosaic.vrt", "a.tif", 300)
    options = PredictOptions(out=tmp_path / "out", resume=True)
    with monkeypatch.context() as patch:
        patch.setattr("segrun.outputs.Output.finish", interrupt)
        with pytest.raises(KeyboardInterrupt):
            predict(identity_model, [vrt], options)
    pixels = draw(300, 300, seed=9)
    write(source, pixels)
    assert predict(identity_model, [vrt], options).exit_code == 0
    with rasterio.open(tmp_path / "out/mosaic.tif") as mask:
        np.testing.assert_array_equal(mask.read(1), (pixels[..., 0] >= 128).astype(np.uint8))
    assert predict(identity_model, [vrt], options).kept == 1
    os.utime(source, ns=(1, 1))
    with pytest.raises(OutputError, match=r"mosaic\.vrt changed since"):
        predict(identity_model, [vrt], options)


@pytest.mark.parametrize("kind", ["png", "tif"])
@pytest.mark.parametrize(
    ("change", "reason"),
    [(lambda path: os.utime(path, ns=(1, 1)), "changed while it was read"), (Path.unlink, "cannot read")],
)
def test_an_input_that_changes_while_it_is_read_gets_no_mask(
    tmp_path: Path,
    identity_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    change: Callable[[Path], None],
    reason: str,
) -> None:
    make = save if kind == "png" else write
    paths = [make(tmp_path / f"{name}.{kind}", draw(64, 64)) for name in "ab"]
    real = OnnxSession.run
    waiting = [change]

    def run(self: OnnxSession, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        # A raster's first call runs nothing, maybe before the input is opened.
        if pixels.any() and waiting:
            waiting.pop()(paths[0])
        return real(self, pixels)

    monkeypatch.setattr(OnnxSession, "run", run)
    options = PredictOptions(out=tmp_path / "out")
    report = predict(identity_model, paths, options)
    assert report.exit_code == 3
    assert [(failure.input, reason in failure.reason) for failure in report.failures] == [
        (str(paths[0]), True)
    ]
    journal = (tmp_path / "out/.segrun/journal.jsonl").read_text().splitlines()
    assert [json.loads(line).get("name") for line in journal] == [None, "b"]
    assert {name for name in left_in(tmp_path / "out") if not name.startswith(".segrun")} == {f"b.{kind}"}
    make(paths[0], draw(64, 64, seed=5))
    report = predict(identity_model, paths, dataclasses.replace(options, resume=True))
    assert (report.exit_code, report.kept) == (0, 1)
