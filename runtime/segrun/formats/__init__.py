"""Picture formats: what a file is, by its content, and whether it is whole."""

from __future__ import annotations

from collections.abc import Callable

from segrun.formats import bmp, jpeg, png, tiff, webp
from segrun.formats.header import Data, Kind, PictureHeader, UnusableError

__all__ = [
    "ENDINGS",
    "Data",
    "Kind",
    "PictureHeader",
    "UnusableError",
    "check_whole",
    "kind_of",
    "read_header",
]

ENDINGS: dict[Kind, tuple[str, ...]] = {
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "BMP": (".bmp", ".dib"),
    "WebP": (".webp",),
    "TIFF": (".tif", ".tiff"),
}
_HEADERS: dict[Kind, Callable[[Data], PictureHeader]] = {
    "PNG": png.read_header,
    "JPEG": jpeg.read_header,
    "BMP": bmp.read_header,
    "WebP": webp.read_header,
    "TIFF": tiff.read_header,
}
_CHECKS: dict[Kind, Callable[[Data], None]] = {
    "PNG": png.check_whole,
    "JPEG": jpeg.check_whole,
    "BMP": bmp.check_whole,
    "WebP": webp.check_whole,
    "TIFF": tiff.check_whole,
}
_STRANGERS = (
    (0, b"GIF8", "a GIF"),
    (0, b"%PDF", "a PDF"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"\x89HDF", "an HDF5 file"),
    (0, b"\0\0\0\x0cjP", "a JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (4, b"ftypheic", "a HEIC picture"),
    (4, b"ftypmif1", "a HEIC picture"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftyp", "a video"),
    (0, b"version https://git-lfs", "a Git LFS pointer"),
    (0, b"<", "a web page or XML text"),
)


def kind_of(data: Data) -> Kind:
    """Name the format by the first bytes.

    Raises:
        UnusableError: empty, or none of the formats that are read here.
    """
    head = bytes(data[:40])
    if not head:
        raise UnusableError("is empty (0 bytes)", "Copy or download it again.")
    if head.startswith(png.SIGNATURE):
        return "PNG"
    if head.startswith(jpeg.SIGNATURE):
        return "JPEG"
    if head.startswith(tiff.SIGNATURES):
        return "TIFF"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head.startswith(bmp.SIGNATURE) and int.from_bytes(head[14:18], "little") in bmp.HEADER_SIZES:
        return "BMP"
    raise UnusableError(_stranger(head), "Use PNG, JPEG, BMP, WebP or TIFF.")


def read_header(data: Data) -> PictureHeader:
    """Return what the file says of itself, without decoding it.

    Raises:
        UnusableError: not a picture, or its head is damaged.
    """
    return _HEADERS[kind_of(data)](data)


def check_whole(data: Data) -> None:
    """Check that nothing of the file is missing, as far as its format can tell.

    Raises:
        UnusableError: cut off or corrupt.
    """
    _CHECKS[kind_of(data)](data)


def _stranger(head: bytes) -> str:
    for at, magic, what in _STRANGERS:
        if head.lstrip()[at : at + len(magic)] == magic:
            return f"is {what}"
    return f"is not a picture (it starts with {head[:8].hex(' ')})"
