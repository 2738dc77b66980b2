"""Read pictures and masks from files, checked before they are decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from segrun.errors import InputError

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff")


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
        path: a PNG, JPEG, BMP, WebP or plain 8-bit TIFF file; its content decides, not its ending.
        bands: colour bands wanted, alpha not counted: 3 or 1.
    Returns:
        The picture; pixels with alpha 0 are not valid.
    Raises:
        InputError: not a picture, damaged, or not of the wanted kind; never half a picture.
    """
    image = _decode(path)
    colours = 1 if image.ndim == 2 else 3
    if colours != bands:
        raise InputError(f"{path} has the wrong bands. Received: {colours}, wanted: {bands}.")
    if image.ndim == 2:
        return Picture(image[..., None])
    valid = None
    if image.shape[2] == 4:
        opaque = image[..., 3] != 0
        valid = None if opaque.all() else opaque
    return Picture(np.ascontiguousarray(image[..., 2::-1]), valid)


def read_mask(path: Path) -> npt.NDArray[np.uint8]:
    """Read one mask: grey values as stored, or the indices of a palette picture.

    Args:
        path: a file of one of the formats of ``read_picture``.
    Returns:
        uint8 [h, w].
    Raises:
        InputError: damaged, 16-bit, or in colours.
    """
    image = _decode(path)
    if image.ndim == 3:
        if (image[..., 0] != image[..., 1]).any() or (image[..., 0] != image[..., 2]).any():
            raise InputError(f"{path} is a mask in colours. Save it as grey values or palette indices.")
        image = image[..., 0]
    return np.ascontiguousarray(image)


def picture_size(path: Path) -> tuple[int, int]:
    """Return ``(height, width)`` of a picture from its header, without decoding it.

    Raises:
        InputError: not a picture.
    """
    height, width = _decode(path).shape[:2]
    return int(height), int(width)


def _decode(path: Path) -> npt.NDArray[np.uint8]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read {path} ({error.strerror}). Check the path and its permissions."
        ) from error
    image: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    if image is None or image.dtype != np.uint8:
        raise InputError(f"{path} is not an 8-bit picture. Save it as 8-bit PNG or JPEG.")
    return np.asarray(image, np.uint8)
