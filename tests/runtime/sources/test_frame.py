"""What every frame does alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import rasterio

from segrun.boxes import Box
from segrun.sources import Frame, open_frame, plan

HEIGHT, WIDTH = 70, 90
KINDS = ["a.png", "tiled.tif", "striped.tif", "nowhere.tif", "mosaic.vrt"]


@pytest.fixture(scope="module")
def pixels() -> npt.NDArray[np.uint8]:
    noise = np.random.default_rng(0).integers(1, 256, (HEIGHT, WIDTH, 3), np.uint8)
    noise[:30, :40] = 0
    return noise


def write_tiff(path: Path, pixels: npt.NDArray[np.uint8], **options: Any) -> Path:
    options = {
        "crs": "EPSG:32632",
        "transform": rasterio.Affine(0.1, 0, 500000, 0, -0.1, 5000000),
        "photometric": "rgb",
        **options,
    }
    height, width, count = pixels.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=count, dtype="uint8", **options
    ) as dataset:
        dataset.write(pixels.transpose(2, 0, 1))
    return path


def write(folder: Path, name: str, pixels: npt.NDArray[np.uint8]) -> Path:
    path = folder / name
    if name.endswith(".png"):
        cv2.imwrite(str(path), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    elif name == "tiled.tif":
        write_tiff(
            path, pixels, tiled=True, blockxsize=32, blockysize=16, compress="deflate", interleave="band"
        )
    elif name == "striped.tif":
        write_tiff(path, pixels, compress="lzw", interleave="pixel")
    elif name == "nowhere.tif":
        with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
            write_tiff(path, pixels, crs=None, transform=None)
    else:
        write_tiff(folder / "source.tif", pixels)
        bands = "".join(
            f'<VRTRasterBand dataType="Byte" band="{band}"><ColorInterp>{colour}</ColorInterp><SimpleSource>'
            f'<SourceFilename relativeToVRT="1">source.tif</SourceFilename><SourceBand>{band}</SourceBand>'
            "</SimpleSource></VRTRasterBand>"
            for band, colour in enumerate(("Red", "Green", "Blue"), 1)
        )
        path.write_text(f'<VRTDataset rasterXSize="{WIDTH}" rasterYSize="{HEIGHT}">{bands}</VRTDataset>')
    return path


@pytest.fixture(params=KINDS)
def frame(request: pytest.FixtureRequest, tmp_path: Path, pixels: npt.NDArray[np.uint8]) -> Iterator[Frame]:
    opened = open_frame(plan([write(tmp_path, request.param, pixels)])[0], input_nodata=0)
    yield opened
    opened.close()


def test_it_says_what_it_is(frame: Frame) -> None:
    assert (frame.height, frame.width, frame.bands) == (HEIGHT, WIDTH, 3)
    assert str(frame.name) == frame.path.stem
    assert frame.suffix == (".png" if frame.path.suffix == ".png" else ".tif")
    assert frame.warnings == ()
    assert 1 <= frame.block[0] <= HEIGHT
    assert 1 <= frame.block[1] <= WIDTH


@pytest.mark.parametrize(
    "box", [Box(0, 0, HEIGHT, WIDTH), Box(0, 0, 1, 1), Box(13, 7, 50, 61), Box(69, 89, 1, 1)]
)
def test_any_box_reads_as_it_was_written(frame: Frame, box: Box, pixels: npt.NDArray[np.uint8]) -> None:
    picture = frame.read(box)
    assert picture.pixels.dtype == np.uint8
    assert (picture.pixels == pixels[box.slices]).all()
    wanted = (pixels[box.slices] != 0).any(axis=2)
    if wanted.all():
        assert picture.valid is None
    else:
        assert picture.valid is not None
        assert (picture.valid == wanted).all()


@pytest.mark.parametrize("box", [Box(0, 0, HEIGHT + 1, 1), Box(0, 80, 5, 11)])
def test_a_box_that_reaches_out_is_our_own_error(frame: Frame, box: Box) -> None:
    with pytest.raises(ValueError, match="reaches out of a frame of 70 x 90"):
        frame.read(box)


def test_empty_is_never_said_of_a_box_with_data(frame: Frame) -> None:
    assert not frame.is_empty(Box(20, 30, 20, 20))
    assert not frame.is_empty(Box(0, 0, HEIGHT, WIDTH))
