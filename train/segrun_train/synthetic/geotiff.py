"""A drawn scene as a GeoTIFF, the only file here that needs rasterio."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from segrun.atomic import replacing
from segrun.errors import MissingExtraError, OutputError
from segrun.progress import Progress
from segrun_train.synthetic.pairs import Gsd, draw_one, make_folders, numbered
from segrun_train.synthetic.scene import Scene, Truth

Border = Literal["none", "alpha", "mask"]
_BLOCK_PX = 256
_ORIGIN = (367000.0, 5648000.0)
_GAP_M = 100.0
# Corners of the flown area as shares of the picture (row, col): slanted, as the edge of a drone flight is.
_FLOWN = ((0.05, 0.09), (0.0, 0.94), (0.93, 1.0), (1.0, 0.04))


def write_scene_geotiff(
    scene: Scene, path: Path, crs: str = "EPSG:32632", origin: tuple[float, float] = _ORIGIN,
    *, layer: Literal["pixels", "classes"] | Truth = "pixels", border: Border = "none",
) -> None:  # fmt: skip
    """Write one layer of a scene as a tiled, deflated GeoTIFF on the scene's grid.

    Args:
        scene: what to write.
        path: the file; replaced as a whole or left alone.
        crs: a projected reference system in metres.
        origin: easting and northing of the upper left corner.
        layer: the picture, the classes, or what a mask marks.
        border: how ground that was not flown over is marked: not at all, by an alpha band, or by an internal mask.
    Raises:
        MissingExtraError: rasterio is not installed.
        OutputError: the file cannot be written.
        ValueError: a mask is to have a border.
    """
    try:
        import rasterio
        from rasterio.enums import ColorInterp
        from rasterio.errors import RasterioError
        from rasterio.transform import Affine
    except ImportError as error:
        raise MissingExtraError("writing a GeoTIFF", "geo") from error
    if border != "none" and layer != "pixels":
        raise ValueError(f"only the picture has a border. Received: layer={layer!r}, border={border!r}.")
    gsd_m = scene.gsd_cm / 100
    band = scene.pixels if layer == "pixels" else scene.classes if layer == "classes" else scene.mask(layer)
    bands = np.moveaxis(np.atleast_3d(band), 2, 0)
    flown = flown_area(*scene.roofs.shape) if border != "none" else None
    if flown is not None:
        bands = bands * flown
        if border == "alpha":
            bands = np.concatenate([bands, flown[None] * np.uint8(255)])
    profile: dict[str, Any] = {
        "driver": "GTiff", "dtype": "uint8", "count": bands.shape[0], "height": bands.shape[1], "width": bands.shape[2],
        "crs": crs, "transform": Affine(gsd_m, 0, origin[0], 0, -gsd_m, origin[1]), "compress": "deflate",
        "photometric": "RGB" if layer == "pixels" else "MINISBLACK",
        "tiled": True, "blockxsize": _BLOCK_PX, "blockysize": _BLOCK_PX, "interleave": "pixel",
        "BIGTIFF": "IF_SAFER",
    }  # fmt: skip
    try:
        with (
            replacing(path) as temporary,
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
            rasterio.open(temporary, "w", **profile) as raster,
        ):
            if layer == "pixels":
                raster.colorinterp = [
                    ColorInterp.red,
                    ColorInterp.green,
                    ColorInterp.blue,
                    ColorInterp.alpha,
                ][: len(bands)]
            raster.write(bands)
            if flown is not None and border == "mask":
                raster.write_mask(flown * np.uint8(255))
    except (OSError, RasterioError) as error:
        raise OutputError(
            f"cannot write a GeoTIFF. Received: {path} ({error}). Name a writable folder."
        ) from error


def write_scene_rasters(
    folder: Path, count: int, seed: int = 0, *, height: int = 256, width: int = 256, gsd_cm: Gsd = 25.0,
    style: str | None = None, stem: str = "scene", overwrite: bool = False, progress: Progress | None = None,
    border: Border = "none", truth: Truth = "roof",
) -> list[str]:  # fmt: skip
    """Write ``folder/images/scene_00000.tif`` and ``folder/masks/scene_00000.tif`` and so on, side by side on the map.

    The arguments are those of ``write_scene_pairs`` and ``write_scene_geotiff``, and so are the errors.
    """
    stems = numbered(stem, count)
    images, masks = make_folders(folder, overwrite=overwrite)
    east, north = _ORIGIN
    for index, name in enumerate(stems):
        scene = draw_one(seed, index, (height, width), gsd_cm, style)
        write_scene_geotiff(scene, images / f"{name}.tif", origin=(east, north), border=border)
        write_scene_geotiff(scene, masks / f"{name}.tif", origin=(east, north), layer=truth)
        east += width * scene.gsd_cm / 100 + _GAP_M
        if progress is not None:
            progress("scenes", index + 1, count)
    return stems


def flown_area(height: int, width: int) -> npt.NDArray[np.uint8]:
    """Return uint8 [h, w]: 1 inside the slanted outline of a flight, 0 outside."""
    flown = np.zeros((height, width), np.uint8)
    corners = [(round(col * (width - 1)), round(row * (height - 1))) for row, col in _FLOWN]
    cv2.fillConvexPoly(flown, np.array(corners, np.int32), (1,))
    return flown
