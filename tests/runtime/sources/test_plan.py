from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import rasterio
from PIL import Image

from segrun.errors import InputError, MissingExtraError
from segrun.sources import plan


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return folder


def test_names_mirror_folders_and_masks_follow_the_ending(tmp_path: Path) -> None:
    tiles = touch(tmp_path / "tiles", "a/b.jpg", "c.v1.png", "d.TIF", "e.vrt")
    planned = plan([tiles])
    assert [(str(item.name), item.kind, item.mask_path(Path("m")).as_posix()) for item in planned] == [
        ("a/b", "picture", "m/a/b.png"),
        ("c.v1", "picture", "m/c.v1.png"),
        ("d", "raster", "m/d.tif"),
        ("e", "raster", "m/e.tif"),
    ]


def test_files_come_in_the_order_given(tmp_path: Path) -> None:
    touch(tmp_path, "z.png", "a.png", "sub/k.png")
    planned = plan([tmp_path / "z.png", tmp_path / "sub", tmp_path / "a.png"])
    assert [item.name for item in planned] == [PurePosixPath(name) for name in ("z", "k", "a")]


def test_the_output_folder_inside_an_input_is_never_searched(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "masks/a.png", "masks/.segrun/overlays/a.jpg")
    assert [item.path.name for item in plan([tmp_path], skip=tmp_path / "masks")] == ["a.png"]
    link = tmp_path.parent / f"{tmp_path.name}-link"
    link.symlink_to(tmp_path, target_is_directory=True)
    assert len(plan([link], skip=tmp_path / "masks")) == 1


def test_two_inputs_of_one_name_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, "one/b.jpg", "one/b.png", "two/c.png", "three/c.tif")
    with pytest.raises(InputError, match=r"mask name b\. Received: .*b\.jpg and .*b\.png\. Rename"):
        plan([tmp_path / "one"])
    with pytest.raises(InputError, match=r"mask name c\."):
        plan([tmp_path / "two", tmp_path / "three"])


def test_a_mask_never_takes_the_place_of_an_input(tmp_path: Path) -> None:
    touch(tmp_path, "ortho.tif", "a.png")
    with pytest.raises(InputError, match=r"mask of .*ortho\.tif would overwrite the input"):
        plan([tmp_path / "ortho.tif"], skip=tmp_path)
    with pytest.raises(InputError, match="is both input and output folder"):
        plan([tmp_path], skip=tmp_path)


def test_nothing_to_do_is_an_error(tmp_path: Path) -> None:
    touch(tmp_path, "read.me")
    with pytest.raises(InputError, match=r"no pictures in .*Looked for: \.png"):
        plan([tmp_path])
    with pytest.raises(InputError, match=r"absent\.png does not exist"):
        plan([tmp_path / "absent.png"])


def test_without_rasterio_plain_tiffs_are_pictures_and_placed_ones_name_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = tmp_path / "placed" / "ortho.tif"
    placed.parent.mkdir()
    affine = rasterio.Affine(0.1, 0, 500000, 0, -0.1, 5000000)
    with rasterio.open(
        placed,
        "w",
        driver="GTiff",
        height=4,
        width=5,
        count=3,
        dtype="uint8",
        crs="EPSG:32632",
        transform=affine,
    ):
        pass
    monkeypatch.setitem(sys.modules, "rasterio", None)
    tiles = touch(tmp_path / "tiles", "broken.tif", "empty.tif")
    (tiles / "empty.tif").write_bytes(b"")
    Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(tiles / "plain.tif")
    assert {item.kind for item in plan([tiles])} == {"picture"}
    with pytest.raises(MissingExtraError, match=r"ortho\.tif needs .*segrun\[geo\]"):
        plan([placed])
    touch(tmp_path, "mosaic.vrt")
    with pytest.raises(MissingExtraError, match=r"segrun\[geo\]"):
        plan([tmp_path / "mosaic.vrt"])
