"""Read pictures and masks from files, checked before they are decoded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from segrun import formats
from segrun.decoding import decode
from segrun.formats import PictureHeader, UnusableError
from segrun.formats.header import corrupt, in_print_colours
from segrun.gdal import rasterio_is_here
from segrun.picture_head import named, refuse_special

CV2_NO_MEMORY = -4


@dataclass(frozen=True)
class Picture:
    """Pixels as stored in a file.

    Args:
        pixels: uint8 [h, w, bands], RGB order.
        valid: bool [h, w], False where there is no data (alpha 0); None where all pixels are valid.
        warnings: oddities that did not keep the picture from being used, one line each.
    """

    pixels: npt.NDArray[np.uint8]
    valid: npt.NDArray[np.bool_] | None = None
    warnings: tuple[str, ...] = ()


def read_picture(path: Path, *, bands: int = 3) -> Picture:
    """Read one picture; EXIF orientation is ignored, so that masks lie on the file's own grid.

    Args:
        path: a PNG, JPEG, BMP, WebP or plain TIFF file of 8 bits; its content decides, not its ending.
        bands: colour bands wanted, alpha not counted: 3 or 1.
    Returns:
        The picture; pixels with alpha 0 are not valid.
    Raises:
        InputError: not a picture, damaged, or not of the wanted kind; never half a picture.
    """
    with named(path):
        data, header = _read(path)
        warnings = _ending_warnings(path, header)
        if header.kind == "TIFF" and rasterio_is_here():
            # GDAL and libtiff's own RGBA reader differ on subsampled colour: use what predict uses.
            from segrun.sources.raster import read_raster

            return replace(read_raster(path, bands=bands), warnings=warnings)
        _refuse_kind(header)
        if header.bands != bands and header.kind != "BMP":
            raise _wrong_bands(header.bands, bands)
        return _picture(_decoded(data, header), bands, warnings)


def read_mask(path: Path) -> npt.NDArray[np.uint8]:
    """Read one mask: grey values (1, 2 and 4 bits stretched to 0..255), or the indices of a palette picture.

    Args:
        path: a file of one of the formats of ``read_picture``; alpha is ignored, and three equal bands count as grey.
    Returns:
        uint8 [h, w].
    Raises:
        InputError: not a picture, damaged, 16-bit, or in colours.
    """
    with named(path):
        data, header = _read(path)
        _refuse_kind(header)
        if header.colour == "palette" and header.kind in ("PNG", "TIFF"):
            return _indices(data, header)
        image = _decoded(data, header)
        if image.ndim == 2:
            return image
        if (image[..., 0] != image[..., 1]).any() or (image[..., 0] != image[..., 2]).any():
            raise UnusableError(
                "is a mask in colours",
                "Save it as grey values (0 and 255) or as palette indices, one per class.",
            )
        return np.ascontiguousarray(image[..., 0])


def _read(path: Path) -> tuple[bytes, PictureHeader]:
    refuse_special(path)
    data = path.read_bytes()
    header = formats.read_header(data)
    formats.check_whole(data)
    return data, header


def _refuse_kind(header: PictureHeader) -> None:
    if header.bits > 8:
        raise UnusableError(
            f"has {header.bits} bits per band, 8 are needed",
            "Convert it with one fixed range for all pictures, e.g. gdal_translate -ot Byte -scale LOW HIGH 0 255.",
        )
    if header.colour == "cmyk":
        raise in_print_colours()
    if header.colour == "other":
        raise UnusableError(
            f"has {header.bands} bands that are neither grey, RGB nor RGBA",
            "Convert it to RGB, or install segrun[geo].",
        )


def _decoded(data: bytes, header: PictureHeader) -> npt.NDArray[np.uint8]:
    if header.kind == "TIFF":
        from segrun.formats import tiff

        data = tiff.plain_alpha(data)
    try:
        image, said = decode(data)
    except cv2.error as error:
        if "CV_IO_MAX_IMAGE" in str(error):
            raise UnusableError(
                f"has more pixels than OpenCV reads ({header.width} x {header.height})",
                "Convert it to GeoTIFF and install segrun[geo], or set OPENCV_IO_MAX_IMAGE_PIXELS higher.",
            ) from error
        if error.code == CV2_NO_MEMORY:
            raise UnusableError(
                f"does not fit into memory ({header.width} x {header.height})",
                "Convert it to GeoTIFF, which is read in parts, and install segrun[geo].",
            ) from error
        raise corrupt(f"OpenCV: {error.err}") from error
    # Harmless remarks of libjpeg ("Invalid SOS parameters", an unknown JFIF version) leave a right picture behind.
    if image is None or said.startswith("Corrupt JPEG"):
        raise corrupt(said or f"not a {header.kind} that OpenCV can decode")
    if image.dtype != np.uint8 or image.shape[:2] != (header.height, header.width):
        raise corrupt(f"decoded as {image.dtype} {image.shape[1]} x {image.shape[0]}")
    return image


def _picture(image: npt.NDArray[np.uint8], bands: int, warnings: tuple[str, ...]) -> Picture:
    if image.ndim == 2:
        if bands != 1:
            raise _wrong_bands(1, bands)
        return Picture(image[..., np.newaxis], None, warnings)
    valid = None
    if image.shape[2] == 4:
        opaque = image[..., 3] != 0
        valid = None if opaque.all() else opaque
    if bands == 1:
        return Picture(np.ascontiguousarray(image[..., :1]), valid, warnings)
    if image.shape[2] == 4:
        return Picture(np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2RGB), np.uint8), valid, warnings)
    # In place: a second array of this size costs more than swapping its bands does.
    return Picture(np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB, dst=image), np.uint8), valid, warnings)


def _indices(data: bytes, header: PictureHeader) -> npt.NDArray[np.uint8]:
    from segrun.formats import png, tiff

    codec: Any = png if header.kind == "PNG" else tiff
    grey = _decoded(codec.grey_from_palette(data), header)
    # Decoders stretch 1, 2 and 4 bits of grey to 0..255; indices are wanted as they are.
    return grey if header.bits == 8 else np.asarray(grey // (255 // (2**header.bits - 1)), np.uint8)


def _wrong_bands(received: int, wanted: int) -> UnusableError:
    bands = "1 band (grey)" if received == 1 else f"{received} bands"
    return UnusableError(
        f"has {bands}, the model wants {wanted}", f"Use pictures of {wanted} band{'s' * (wanted > 1)}."
    )


def _ending_warnings(path: Path, header: PictureHeader) -> tuple[str, ...]:
    if path.suffix.lower() in formats.ENDINGS[header.kind]:
        return ()
    return (
        f"{path} is a {header.kind} by its content and was read as one. Give it the ending it should have.",
    )
