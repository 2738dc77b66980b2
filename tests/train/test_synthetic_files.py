"""Drawn scenes on disk: PNG pairs, GeoTIFFs and the command."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from segrun import cli
from segrun.errors import OutputError
from segrun_train.commands.scenes import STYLE_NAMES
from segrun_train.synthetic import STYLES, draw_scene, write_scene_geotiff, write_scene_pairs
from segrun_train.synthetic.geotiff import flown_area, write_scene_rasters
from segrun_train.synthetic.pairs import draw_one


def test_pairs_are_rgb_pictures_and_binary_masks_of_one_name(tmp_path: Path) -> None:
    stems = write_scene_pairs(tmp_path, 3, seed=5, height=48, width=64, gsd_cm=(10, 40))
    assert stems == ["scene_00000", "scene_00001", "scene_00002"]
    for stem in stems:
        picture = cv2.imread(str(tmp_path / "images" / f"{stem}.png"), cv2.IMREAD_UNCHANGED)
        mask = cv2.imread(str(tmp_path / "masks" / f"{stem}.png"), cv2.IMREAD_UNCHANGED)
        assert picture is not None
        assert mask is not None
        assert picture.shape == (48, 64, 3)
        assert mask.shape == (48, 64)
        assert set(np.unique(mask)) <= {0, 255}
    assert len(list(tmp_path.rglob("*"))) == 2 + 2 * 3


def test_a_pair_does_not_depend_on_how_many_are_drawn(tmp_path: Path) -> None:
    write_scene_pairs(tmp_path / "few", 1, seed=9, height=40, width=40)
    write_scene_pairs(tmp_path / "many", 2, seed=9, height=40, width=40)
    name = "images/scene_00000.png"
    assert (tmp_path / "few" / name).read_bytes() == (tmp_path / "many" / name).read_bytes()


def test_a_folder_with_files_is_refused_unless_overwriting(tmp_path: Path) -> None:
    write_scene_pairs(tmp_path, 1, height=20, width=20)
    with pytest.raises(OutputError, match="not empty"):
        write_scene_pairs(tmp_path, 1, height=20, width=20)
    write_scene_pairs(tmp_path, 1, height=20, width=20, overwrite=True)


def test_geotiff_keeps_grid_pixels_and_layout(tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio")
    scene = draw_scene(8, 300, 280, 20)
    write_scene_geotiff(scene, tmp_path / "a.tif", "EPSG:32633", (500000.0, 5200000.0))
    write_scene_geotiff(scene, tmp_path / "m.tif", "EPSG:32633", (500000.0, 5200000.0), layer="roof")
    write_scene_geotiff(scene, tmp_path / "r.tif", layer="road")
    with rasterio.open(tmp_path / "r.tif") as mask:
        np.testing.assert_array_equal(mask.read(1), scene.roads)
    with rasterio.open(tmp_path / "a.tif") as raster, rasterio.open(tmp_path / "m.tif") as mask:
        assert raster.crs.to_epsg() == 32633
        assert tuple(raster.transform)[:6] == pytest.approx((0.2, 0, 500000, 0, -0.2, 5200000))
        assert raster.block_shapes[0] == (256, 256)
        assert raster.compression.name == "deflate"
        np.testing.assert_array_equal(np.moveaxis(raster.read(), 0, 2), scene.pixels)
        np.testing.assert_array_equal(mask.read(1), scene.roofs)
        assert mask.transform == raster.transform


@pytest.mark.parametrize("border", ["alpha", "mask"])
def test_ground_that_was_not_flown_over_is_invalid(tmp_path: Path, border: str) -> None:
    rasterio = pytest.importorskip("rasterio")
    scene = draw_scene(8, 100, 120, 20)
    write_scene_geotiff(scene, tmp_path / "a.tif", border=border)  # type: ignore[arg-type]
    flown = flown_area(100, 120)
    assert 0.7 < flown.mean() < 0.98
    with rasterio.open(tmp_path / "a.tif") as raster:
        assert raster.count == (4 if border == "alpha" else 3)
        np.testing.assert_array_equal(raster.dataset_mask() > 0, flown > 0)
        assert raster.read(1)[flown == 0].max() == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


def test_command_writes_pairs_or_rasters_and_reports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "scenes",
        "--out",
        str(tmp_path / "a"),
        "--count",
        "2",
        "--size",
        "32",
        "--seed",
        "4",
        "--gsd-cm",
        "8:30",
    ]
    assert cli.run([*arguments, "--json", "-", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["stems"] == ["scene_00000", "scene_00001"]
    assert cli.run(arguments) == 1
    assert "not empty" in capsys.readouterr().err
    rasters = [
        "scenes",
        "--out",
        str(tmp_path / "b"),
        "--count",
        "2",
        "--size",
        "32",
        "--geotiff",
        "--border",
        "alpha",
        "-q",
    ]
    assert cli.run(rasters) == 0
    assert sorted(path.name for path in (tmp_path / "b" / "masks").iterdir()) == [
        "scene_00000.tif",
        "scene_00001.tif",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["--gsd-cm", "3"],
        ["--gsd-cm", "30:8"],
        ["--border", "mask"],
        ["--seed", "-1"],
        ["--stem", "../b"],
        ["--stem", "a/b", "--geotiff"],
        ["--stem", ""],
        ["--stem", ".a"],
    ],
)
def test_command_refuses_what_makes_no_sense(tmp_path: Path, words: list[str]) -> None:
    assert cli.run(["scenes", "--out", str(tmp_path), "--size", "32", *words]) == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("stem", ["../b", "a/b", "a\\b", "", " ", ".hidden", "a\0"])
def test_a_stem_that_is_no_plain_name_writes_nothing(tmp_path: Path, stem: str) -> None:
    for write in (write_scene_pairs, write_scene_rasters):
        with pytest.raises(ValueError, match="plain name"):
            write(tmp_path / "out", 1, height=20, width=20, stem=stem)
    assert not list(tmp_path.iterdir())


def test_an_unwritable_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert cli.run(["scenes", "--out", str(tmp_path / "file" / "x"), "--size", "32", "--count", "1"]) == 1
    assert "cannot make a folder" in capsys.readouterr().err


def test_command_offers_every_style() -> None:
    assert tuple(STYLES) == STYLE_NAMES


@pytest.mark.parametrize("form", [[], ["--geotiff"]])
def test_truth_chooses_what_the_masks_mark(tmp_path: Path, form: list[str]) -> None:
    words = ["scenes", "--count", "2", "--size", "64", "--gsd-cm", "50", "--style", "grid", "-q", *form]
    for truth in ("roof", "road"):
        assert cli.run([*words, "--out", str(tmp_path / truth), "--truth", truth]) == 0
    ending = "tif" if form else "png"
    for index in range(2):
        scene = draw_one(0, index, (64, 64), 50.0, "grid")
        for truth, wanted in (("roof", scene.roofs), ("road", scene.roads)):
            mask = tmp_path / truth / "masks" / f"scene_{index:05d}.{ending}"
            np.testing.assert_array_equal(cv2.imread(str(mask), cv2.IMREAD_UNCHANGED), wanted)
        names = [tmp_path / truth / "images" / f"scene_{index:05d}.{ending}" for truth in ("roof", "road")]
        assert names[0].read_bytes() == names[1].read_bytes()
