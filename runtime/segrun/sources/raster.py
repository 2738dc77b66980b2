"""Frames from GeoTIFF, COG and VRT, read in windows by rasterio."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun import formats
from segrun.boxes import Box
from segrun.errors import InputError, MissingExtraError
from segrun.formats import UnusableError, tiff
from segrun.formats.header import in_print_colours
from segrun.gdal import gdal_env, gdal_errors, place_not_needed
from segrun.georeference import Georeference
from segrun.picture_head import named
from segrun.pictures import Picture
from segrun.sources.bands import choose_bands
from segrun.sources.frame import Frame
from segrun.sources.plan import Planned
from segrun.sources.validity import both, differs_from, none_if_all


def open_raster(planned: Planned, *, bands: int = 3, input_nodata: int | None = None) -> Frame:
    """Open a raster; a plain picture behind a raster's ending is read as the picture it is.

    Args:
        planned: from ``plan``.
        bands: colour bands that the model wants, alpha not counted.
        input_nodata: takes the place of the nodata value that the raster states.
    Raises:
        InputError: the raster cannot be used as the model needs it.
        MissingExtraError: rasterio is not installed.
    """
    path = planned.path
    with named(path):
        if path.suffix.lower() != ".vrt" and _kind_of_whole(path) != "TIFF":
            from segrun.sources.picture import PictureFrame

            return PictureFrame.open(planned, bands=bands, input_nodata=input_nodata)
        return RasterFrame(planned, bands=bands, input_nodata=input_nodata)


def read_raster(path: Path, *, bands: int = 3) -> Picture:
    """Read a whole raster.

    Raises:
        UnusableError: the raster cannot be used as the model needs it.
        InputError: the raster is damaged.
    """
    _kind_of_whole(path)
    with closing(RasterFrame(Planned(PurePosixPath(path.stem), path, "raster"), bands=bands)) as frame:
        return frame.read(Box(0, 0, frame.height, frame.width))


def _kind_of_whole(path: Path) -> formats.Kind:
    """Name the format; a TIFF whose end is missing is refused now, not after hours of work."""
    with path.open("rb") as file:
        if not path.stat().st_size:
            return formats.kind_of(b"")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            kind = formats.kind_of(data)
            if kind == "TIFF":
                formats.check_whole(data)
                if tiff.read_directory(data).value(tiff.PHOTOMETRIC, tiff.RGB) == tiff.CMYK:
                    raise in_print_colours()
            return kind


class RasterFrame:
    """An opened raster. Not for two threads at once.

    Args:
        planned: where it lies.
        bands: colour bands wanted, alpha not counted.
        input_nodata: takes the place of the nodata value that the raster states.
    Raises:
        UnusableError: wrong bands or sample type, or no raster at all.
        MissingExtraError: rasterio is not installed.
    """

    height: int
    width: int
    block: tuple[int, int]
    georeference: Georeference | None
    suffix = ".tif"
    warnings: tuple[str, ...] = ()

    def __init__(self, planned: Planned, *, bands: int, input_nodata: int | None = None) -> None:
        self._planned = planned
        self.bands = bands
        self._dataset = _open(planned.path)
        try:
            with gdal_env():
                self._settle(bands, input_nodata)
        except BaseException:
            self.close()
            raise

    def _settle(self, bands: int, input_nodata: int | None) -> None:
        dataset = self._dataset
        self.height, self.width = int(dataset.height), int(dataset.width)
        meanings = [item.name for item in dataset.colorinterp]
        _refuse_types(set(dataset.dtypes) if "uint8" not in dataset.dtypes else {"uint8"})
        self._indexes = choose_bands(meanings, bands)
        _refuse_types({dataset.dtypes[index - 1] for index in self._indexes})
        rows, cols = dataset.block_shapes[self._indexes[0] - 1]
        self.block = (int(rows), int(cols))
        self.georeference = _georeference(dataset)
        self._alpha = meanings.index("alpha") + 1 if "alpha" in meanings else None
        flags = {flag.name for flag in dataset.mask_flag_enums[self._indexes[0] - 1]}
        # Beside alpha and nodata: a mask file, a mask inside the TIFF, or masks of single bands in a VRT.
        self._has_mask_band = "all_valid" not in flags and not flags & {"alpha", "nodata"}
        stated = [dataset.nodatavals[index - 1] for index in self._indexes]
        nodata = stated if input_nodata is None else [input_nodata] * bands
        self._nodata = [None if value is None or value not in range(256) else int(value) for value in nodata]
        # GDAL fills blocks that a sparse TIFF leaves out with the stated nodata value, else with 0.
        self._gaps_are_invalid = dataset.driver == "GTiff" and (
            all(
                (0 if fill is None else fill) == value
                for fill, value in zip(stated, self._nodata, strict=True)
            )
        )
        self._alpha_gaps_are_invalid = (
            dataset.driver == "GTiff" and self._alpha is not None and not dataset.nodatavals[self._alpha - 1]
        )

    @property
    def name(self) -> PurePosixPath:
        """Output name without its ending."""
        return self._planned.name

    @property
    def path(self) -> Path:
        """The file it was opened from."""
        return self._planned.path

    def read(self, box: Box) -> Picture:
        """Return the pixels of a box inside the frame; not valid are alpha 0, nodata in every band, and masked ones.

        Raises:
            InputError: the raster is damaged there.
            ValueError: the box reaches out of the frame.
        """
        if box.bottom > self.height or box.right > self.width:
            raise ValueError(f"{box} reaches out of a frame of {self.height} x {self.width} pixels.")
        window = ((box.row, box.bottom), (box.col, box.right))
        pixels = np.empty((box.height, box.width, self.bands), np.uint8)
        with gdal_env(), self._damage_named(box):
            # GDAL fills the interleaved array itself: no second copy.
            self._dataset.read(self._indexes, window=window, out=pixels.transpose(2, 0, 1))
            valid = self._validity(pixels, window)
        return Picture(pixels, none_if_all(valid))

    def _validity(self, pixels: npt.NDArray[np.uint8], window: Any) -> npt.NDArray[np.bool_] | None:
        valid = None
        if any(value is not None for value in self._nodata):
            valid = differs_from(pixels, self._nodata)
        if self._alpha is not None:
            valid = both(valid, self._dataset.read(self._alpha, window=window) != 0)
        if self._has_mask_band:
            valid = both(valid, self._dataset.dataset_mask(window=window) != 0)
        return valid

    def is_empty(self, box: Box) -> bool:
        """Say whether the box lies wholly in blocks that a sparse GeoTIFF leaves out and that hold no data."""
        if self._alpha_gaps_are_invalid and self._is_gap([self._alpha], box):
            return True
        return self._gaps_are_invalid and self._is_gap(self._indexes, box)

    def _is_gap(self, bands: Any, box: Box) -> bool:
        rows, cols = self.block
        with gdal_env():
            return all(
                self._dataset.get_tag_item(f"BLOCK_OFFSET_{col}_{row}", "TIFF", bidx=band) is None
                for row in range(box.row // rows, (box.bottom - 1) // rows + 1)
                for col in range(box.col // cols, (box.right - 1) // cols + 1)
                for band in bands
            )

    def close(self) -> None:
        """Let go of the file."""
        with gdal_env():
            self._dataset.close()

    @contextmanager
    def _damage_named(self, box: Box) -> Iterator[None]:
        try:
            yield
        except gdal_errors() as error:
            cause = " ".join(str(error.__cause__ or error).split())
            raise InputError(
                f"{self.path} is damaged at rows {box.row} to {box.bottom} ({cause}). Copy or download it again."
            ) from error


def _open(path: Path) -> Any:
    try:
        import rasterio
    except ImportError as error:
        raise MissingExtraError(f"reading {path}", "geo") from error
    with gdal_env(), place_not_needed():
        try:
            return rasterio.open(path)
        except gdal_errors() as error:
            cause = " ".join(str(error).split())
            raise UnusableError(f"is not a raster that GDAL can open ({cause})", "Check the file.") from error


def _refuse_types(types: set[str]) -> None:
    if types != {"uint8"}:
        raise UnusableError(
            f"has samples of type {', '.join(sorted(types))}, uint8 is needed",
            "Convert it with one fixed range for all rasters: gdal_translate -ot Byte -scale LOW HIGH 0 255 IN OUT.",
        )


def _georeference(dataset: Any) -> Georeference | None:
    points, points_crs = dataset.gcps
    tags = dataset.tags()
    transform = None if dataset.transform.is_identity else tuple(dataset.transform)[:6]
    found = Georeference(
        crs_wkt=dataset.crs.to_wkt() if dataset.crs else None,
        transform=transform,
        control_points=tuple((p.col, p.row, p.x, p.y, p.z or 0.0) for p in points),
        control_points_wkt=points_crs.to_wkt() if points_crs else None,
        rational_polynomials=tuple(sorted(dataset.tags(ns="RPC").items())),
        pixel_is_point=tags.get("AREA_OR_POINT") == "Point",
    )
    return None if found == Georeference(pixel_is_point=found.pixel_is_point) else found
