"""List what there is to do before anything is opened."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from segrun.errors import InputError, MissingExtraError
from segrun.folders import find_files, is_special
from segrun.formats import UnusableError, marks
from segrun.gdal import rasterio_is_here
from segrun.picture_head import PICTURE_SUFFIXES

TIFF_SUFFIXES = (".tif", ".tiff")
RASTER_SUFFIXES = (*TIFF_SUFFIXES, ".vrt")

Kind = Literal["picture", "raster"]


@dataclass(frozen=True)
class Planned:
    """One input that will be opened.

    Args:
        name: output name without its ending, relative: ``a/b`` for ``tiles/a/b.jpg`` when ``tiles`` was asked for.
        path: the file.
        kind: ``raster`` is read by rasterio and gets a GeoTIFF mask, ``picture`` by OpenCV and gets a PNG mask.
    """

    name: PurePosixPath
    path: Path
    kind: Kind

    @property
    def suffix(self) -> str:
        """Ending of its mask."""
        return ".tif" if self.kind == "raster" else ".png"

    @property
    def mask_name(self) -> str:
        """Where its mask goes, relative to the output folder."""
        return f"{self.name}{self.suffix}"

    def mask_path(self, output: Path) -> Path:
        """Where its mask goes below an output folder."""
        return output / self.mask_name


def plan(inputs: Sequence[Path], *, skip: Path | None = None) -> list[Planned]:
    """List the pictures and rasters among files and folders, in the order given, each folder sorted.

    No file is opened, except the heads of TIFFs where rasterio is not installed.

    Args:
        inputs: files and folders; folders are searched with their sub-folders.
        skip: the output folder, which is never searched.
    Returns:
        At least one planned input, no two of one name.
    Raises:
        InputError: an input does not exist, a folder holds no picture, two inputs would get one name, or a mask
            would take the place of an input.
        MissingExtraError: a georeferenced raster, and rasterio is not installed.
    """
    with_rasterio = rasterio_is_here()
    planned = [
        Planned(name, path, _kind(path, with_rasterio=with_rasterio))
        for given in inputs
        for name, path in _expand(given, skip)
    ]
    _refuse_shared_names(planned)
    if skip is not None:
        _refuse_overwriting(planned, skip)
    return planned


def _expand(given: Path, skip: Path | None) -> list[tuple[PurePosixPath, Path]]:
    if not given.exists():
        raise InputError(f"{given} does not exist. Check the path.")
    if is_special(given):
        raise InputError(f"{given} is a pipe or a device. Write it to a file first.")
    if not given.is_dir():
        return [(PurePosixPath(given.stem), given)]
    if skip is not None and skip.is_dir() and skip.samefile(given):
        raise InputError(f"{given} is both input and output folder. Name another output folder.")
    suffixes = (*PICTURE_SUFFIXES, ".vrt")
    found = find_files(given, suffixes, skip=skip)
    if not found:
        raise InputError(
            f"no pictures in {given}. Looked for: {', '.join(suffixes)}. Name the folder that holds them."
        )
    return [(PurePosixPath(*path.relative_to(given).parts).with_suffix(""), path) for path in found]


def _kind(path: Path, *, with_rasterio: bool) -> Kind:
    suffix = path.suffix.lower()
    if suffix not in RASTER_SUFFIXES:
        return "picture"
    if with_rasterio:
        return "raster"
    if suffix == ".vrt" or _is_georeferenced(path):
        raise MissingExtraError(f"reading {path}", "geo")
    return "picture"


def _is_georeferenced(path: Path) -> bool:
    from segrun.formats import tiff

    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return data[:4] in marks.TIFF and tiff.is_georeferenced(data)
    except (OSError, ValueError, UnusableError):
        return False  # whoever opens it says what is wrong with it


def _refuse_shared_names(planned: Sequence[Planned]) -> None:
    seen: dict[PurePosixPath, Path] = {}
    for item in planned:
        if item.name in seen and seen[item.name].resolve() == item.path.resolve():
            raise InputError(f"{item.path} is given twice, as itself or in a folder. Name it once.")
        if item.name in seen:
            raise InputError(
                f"two inputs would get the mask name {item.name}. Received: {seen[item.name]} and {item.path}. "
                "Rename one, or run them into different output folders."
            )
        seen[item.name] = item.path


def _refuse_overwriting(planned: Sequence[Planned], output: Path) -> None:
    inputs = {item.path.resolve() for item in planned}
    for item in planned:
        target = item.mask_path(output)
        if target.resolve() in inputs:
            raise InputError(
                f"the mask of {item.path} would overwrite the input {target}. Name another output folder."
            )
