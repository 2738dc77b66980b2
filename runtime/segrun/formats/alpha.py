"""Whether a picture file has an alpha channel, by its head: its pixels then take a third more memory."""

from __future__ import annotations

from segrun.formats import bmp, png, tiff, webp
from segrun.formats.header import Data, PictureHeader


def has_alpha(data: Data, header: PictureHeader) -> bool:
    """Say whether decoders give an alpha channel beside the colours.

    Args:
        data: the file.
        header: what it says of itself.
    Raises:
        UnusableError: cut off or corrupt before its pixels.
    """
    if header.kind == "PNG":
        return png.has_alpha(data)
    if header.kind == "WebP":
        return webp.has_alpha(data)
    if header.kind == "BMP":
        return bmp.has_alpha(data)
    if header.kind == "TIFF":
        return tiff.read_directory(data).value(tiff.SAMPLES, 1) > header.bands
    return False
