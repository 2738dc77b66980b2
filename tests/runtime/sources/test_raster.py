from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from rasterio.enums import ColorInterp
from rasterio.windows import Window

from segrun.boxes import Box
from segrun.errors import InputError
from segrun.pictures import read_picture
from segrun.sources import Frame, open_frame, plan

PLACE = {"crs": "EPSG:32632", "transform": rasterio.Affine(0.1, 0, 500000, 0, -0.1, 5000000)}
NOISE = np.random.default_rng(0).integers(1, 250, (3, 64, 96), np.uint8)


def write(path: Path, bands: npt.NDArray[Any] = NOISE, **options: Any) -> Path:
    count, height, width = bands.shape
    colours = options.pop("colorinterp", None)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=height,
        width=width,
        count=count,
        dtype=bands.dtype,
        **PLACE,
        **options,
    ) as dataset:
        if colours:
            dataset.colorinterp = colours
        dataset.write(bands)
    return path


def opened(path: Path, **options: Any) -> Frame:
    return open_frame(plan([path])[0], **options)


def whole(frame: Frame) -> Box:
    return Box(0, 0, frame.height, frame.width)


def validity(frame: Frame) -> npt.NDArray[np.bool_]:
    valid = frame.read(whole(frame)).valid
    return np.ones((frame.height, frame.width), np.bool_) if valid is None else valid


REAL = ["geotiff/images", "oam_banepa/geotiff", "inria_austin/geotiff"]


@pytest.mark.parametrize("folder", REAL)
def test_real_rasters_read_as_rasterio_reads_them(shared_data: Path, folder: str) -> None:
    paths = [path for path in sorted((shared_data / folder).glob("*.tif")) if "mask" not in path.name]
    assert paths
    for path in paths:
        frame = opened(path)
        box = Box(
            frame.height // 3, frame.width // 3, min(300, frame.height // 2), min(300, frame.width // 2)
        )
        picture = frame.read(box)
        with rasterio.open(path) as dataset:
            window = Window(box.col, box.row, box.width, box.height)
            assert (picture.pixels == dataset.read((1, 2, 3), window=window).transpose(1, 2, 0)).all()
            assert (validity(frame) == (dataset.dataset_mask() != 0)).all()
            assert frame.georeference is not None
            assert frame.georeference.transform == tuple(dataset.transform)[:6]
            assert rasterio.crs.CRS.from_wkt(frame.georeference.crs_wkt) == dataset.crs
        assert frame.suffix == ".tif"
        frame.close()


def test_training_reads_the_same_pixels_as_predict(shared_data: Path) -> None:
    path = shared_data / "geotiff" / "images" / "5b90f92da0d7280005fab355_4310.tif"
    frame = opened(path)
    assert (read_picture(path).pixels == frame.read(whole(frame)).pixels).all()


def test_bands_follow_their_meaning(tmp_path: Path) -> None:
    colours = [ColorInterp.blue, ColorInterp.green, ColorInterp.red]
    frame = opened(write(tmp_path / "bgr.tif", colorinterp=colours))
    assert (frame.read(whole(frame)).pixels == NOISE[::-1].transpose(1, 2, 0)).all()


def test_alpha_is_recognised_and_not_a_band(tmp_path: Path) -> None:
    alpha = np.zeros((1, 64, 96), np.uint8)
    alpha[0, 10:, 5:] = 200
    frame = opened(write(tmp_path / "a.tif", np.concatenate([NOISE, alpha]), photometric="rgb", alpha="yes"))
    assert frame.read(whole(frame)).pixels.shape == (64, 96, 3)
    assert (validity(frame) == (alpha[0] != 0)).all()


def test_stated_nodata_counts_where_all_bands_hold_it_and_can_be_overruled(tmp_path: Path) -> None:
    bands = NOISE.copy()
    bands[:, :20], bands[0, 30:, :10], bands[:, 50:] = 0, 0, 255
    path = write(tmp_path / "a.tif", bands, nodata=0)
    zero, full = (bands == 0).all(axis=0), (bands == 255).all(axis=0)
    assert (validity(opened(path)) == ~zero).all()
    assert (validity(opened(path, input_nodata=255)) == ~full).all()


def test_nodata_that_no_byte_can_hold_counts_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "a.vrt"
    write(tmp_path / "a.tif")
    band = (
        '<VRTRasterBand dataType="Byte" band="{0}"><NoDataValue>-9999</NoDataValue><SimpleSource>'
        '<SourceFilename relativeToVRT="1">a.tif</SourceFilename><SourceBand>{0}</SourceBand></SimpleSource></VRTRasterBand>'
    )
    bands = "".join(band.format(index) for index in (1, 2, 3))
    path.write_text(f'<VRTDataset rasterXSize="96" rasterYSize="64">{bands}</VRTDataset>')
    frame = opened(path)
    assert frame.read(whole(frame)).valid is None


@pytest.mark.parametrize("internal", [True, False])
def test_a_mask_band_counts(tmp_path: Path, internal: bool) -> None:
    path = write(tmp_path / "a.tif")
    mask = np.zeros((64, 96), np.uint8)
    mask[:, 40:] = 255
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=internal), rasterio.open(path, "r+") as dataset:
        dataset.write_mask(mask)
    assert (tmp_path / "a.tif.msk").exists() != internal
    assert (validity(opened(path)) == (mask != 0)).all()


def sparse(path: Path, *, count: int = 3, **options: Any) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", height=4096, width=4096, count=count, dtype="uint8", tiled=True, blockxsize=256,
        blockysize=256, compress="deflate", sparse_ok=True, **PLACE, **options,
    ) as dataset:  # fmt: skip
        dataset.write(np.full((count, 256, 256), 255, np.uint8), window=Window(512, 1024, 256, 256))
    return path


@pytest.mark.parametrize("interleave", ["pixel", "band"])
@pytest.mark.parametrize("kind", ["nodata", "alpha", "stated by the user"])
def test_gaps_of_a_sparse_raster_are_known_without_reading(
    tmp_path: Path, interleave: str, kind: str
) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "nodata": {"nodata": 0},
        "alpha": {"count": 4, "photometric": "rgb", "alpha": "yes"},
        "stated by the user": {},
    }
    path = sparse(tmp_path / "a.tif", interleave=interleave, **kinds[kind])
    assert path.stat().st_size < 100_000
    frame = opened(path, input_nodata=0 if kind == "stated by the user" else None)
    assert frame.is_empty(Box(0, 0, 1024, 4096))
    assert not frame.is_empty(Box(1000, 700, 100, 100))
    assert not frame.is_empty(Box(1279, 767, 1, 1))
    assert frame.is_empty(Box(1280, 768, 300, 300))
    for box in (Box(1000, 500, 300, 300), Box(0, 0, 50, 50)):
        valid = frame.read(box).valid
        assert valid is not None
        assert valid.any() != frame.is_empty(box)


def test_gaps_without_nodata_are_black_pixels(tmp_path: Path) -> None:
    frame = opened(sparse(tmp_path / "a.tif"))
    assert not frame.is_empty(Box(0, 0, 100, 100))
    picture = frame.read(Box(0, 0, 100, 100))
    assert picture.valid is None
    assert not picture.pixels.any()


def test_gaps_are_not_empty_when_the_user_overrules_nodata(tmp_path: Path) -> None:
    frame = opened(sparse(tmp_path / "a.tif", nodata=0), input_nodata=255)
    assert not frame.is_empty(Box(0, 0, 100, 100))


def test_wrong_types_and_bands_are_refused(tmp_path: Path) -> None:
    for name, bands, words in (
        (
            "deep",
            NOISE.astype(np.uint16),
            r"has samples of type uint16, uint8 is needed\. Convert.*-scale LOW HIGH",
        ),
        ("real", NOISE.astype(np.float32), r"has samples of type float32, uint8 is needed"),
        ("grey", NOISE[:1], r"has 1 band \(gray\), the model wants 3"),
        ("many", np.concatenate([NOISE, NOISE]), r"has 6 bands .*gdal_translate -b R"),
    ):
        path = write(tmp_path / f"{name}.tif", bands, photometric="minisblack")
        with pytest.raises(InputError, match=rf"{name}\.tif {words}"):
            opened(path)


def test_a_raster_without_its_end_is_refused_at_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"a\.tif is cut off \(\d+ of \d+ bytes\)\. Copy"):
        opened(path)


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "is empty"), (b"II*\0\x08\0\0\0", "is cut off"), (b"text", "is not a")]
)
def test_what_is_no_raster_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"a\.tif {words}"):
        opened(path)


def test_damage_inside_is_named_with_its_rows_and_nothing_is_printed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", compress="deflate", tiled=True, blockxsize=32, blockysize=32)
    content = bytearray(path.read_bytes())
    with rasterio.open(path) as dataset:
        start = int(dataset.get_tag_item("BLOCK_OFFSET_0_1", "TIFF", bidx=1))
    content[start : start + 200] = bytes(200)
    path.write_bytes(content)
    frame = opened(path)
    assert frame.read(Box(0, 0, 32, 32)).pixels.any()
    with pytest.raises(InputError, match=r"a\.tif is damaged at rows 32 to 64 \(.+\)\. Copy"):
        frame.read(Box(32, 0, 32, 32))
    script = (
        "import sys; from pathlib import Path; from segrun.boxes import Box; from segrun.errors import InputError\n"
        "from segrun.sources import open_frame, plan\n"
        "try: open_frame(plan([Path(sys.argv[1])])[0]).read(Box(0, 0, 64, 96))\n"
        "except InputError: sys.exit(5)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (5, b"", b"")


def test_a_mosaic_whose_part_is_missing_is_an_error_not_black(tmp_path: Path) -> None:
    write(tmp_path / "a.tif")
    band = (
        '<VRTRasterBand dataType="Byte" band="{0}"><SimpleSource><SourceFilename relativeToVRT="1">a.tif</SourceFilename>'
        "<SourceBand>{0}</SourceBand></SimpleSource></VRTRasterBand>"
    )
    bands = "".join(band.format(index) for index in (1, 2, 3))
    (tmp_path / "m.vrt").write_text(f'<VRTDataset rasterXSize="96" rasterYSize="64">{bands}</VRTDataset>')
    (tmp_path / "a.tif").unlink()
    with pytest.raises(InputError, match=r"m\.vrt is damaged at rows 0 to 10"):
        opened(tmp_path / "m.vrt").read(Box(0, 0, 10, 10))


def test_a_picture_with_a_rasters_ending_is_used_with_a_warning(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), NOISE.transpose(1, 2, 0)[..., ::-1])
    path = (tmp_path / "a.png").rename(tmp_path / "a.tif")
    frame = opened(path)
    assert (frame.read(whole(frame)).pixels == NOISE.transpose(1, 2, 0)).all()
    assert frame.suffix == ".tif"
    assert len(frame.warnings) == 1


def test_overviews_do_not_stand_in_for_the_pixels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif")
    with rasterio.open(path, "r+") as dataset:
        dataset.build_overviews([2, 4])
    frame = opened(path)
    assert (frame.read(whole(frame)).pixels == NOISE.transpose(1, 2, 0)).all()


def test_control_points_and_pixel_centres_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    points = [
        rasterio.control.GroundControlPoint(row, col, x, y, 0)
        for row, col, x, y in ((0, 0, 5, 50), (0, 9, 6, 50), (9, 0, 5, 49))
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(
            path, "w", driver="GTiff", height=9, width=9, count=3, dtype="uint8", gcps=points, crs="EPSG:4326"
        ):
            pass
    place = opened(path).georeference
    assert place is not None
    assert place.transform is None
    assert place.control_points == (
        (0.0, 0.0, 5.0, 50.0, 0.0),
        (9.0, 0.0, 6.0, 50.0, 0.0),
        (0.0, 9.0, 5.0, 49.0, 0.0),
    )
    centred = write(tmp_path / "b.tif")
    with rasterio.open(centred, "r+") as dataset:
        dataset.update_tags(AREA_OR_POINT="Point")
    place = opened(centred).georeference
    assert place is not None
    assert place.pixel_is_point


def test_gdals_cache_stays_bounded(tmp_path: Path) -> None:
    path = tmp_path / "large.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=8192, width=8192, count=3, dtype="uint8", tiled=True, blockxsize=512,
        blockysize=512, compress="deflate", zlevel=1, **PLACE,
    ) as dataset:  # fmt: skip
        for row in range(0, 8192, 512):
            dataset.write(np.full((3, 512, 8192), row // 64, np.uint8), window=Window(0, row, 8192, 512))
    script = (
        "import resource, sys; from pathlib import Path; from segrun.boxes import Box\n"
        "from segrun.sources import open_frame, plan\n"
        "frame = open_frame(plan([Path(sys.argv[1])])[0])\n"
        "for row in range(0, 8192, 256):\n"
        "    frame.read(Box(row, 0, 256, 8192))\n"
        "    if row == 512: first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - first) / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, check=True, text=True
    )
    # The whole raster is 192 MiB; without a bound the cache would hold all of it on a machine of 4 GiB and more.
    assert float(done.stdout) < 80
