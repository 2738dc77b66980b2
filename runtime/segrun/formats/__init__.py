"""Picture formats: what a file is, by its content, and whether it is whole."""

from __future__ import annotations

import importlib
from typing import Any

from segrun.formats import marks
from segrun.formats.header import Data, Kind, PictureHeader, UnusableError

__all__ = [
    "ENDINGS",
    "Data",
    "Kind",
    "PictureHeader",
    "UnusableError",
    "check_whole",
    "has_alpha",
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
    if head.startswith(marks.PNG):
        return "PNG"
    if head.startswith(marks.JPEG):
        return "JPEG"
    if head.startswith(marks.TIFF):
        return "TIFF"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head.startswith(marks.BMP) and int.from_bytes(head[14:18], "little") in marks.BMP_HEADER_SIZES:
        return "BMP"
    raise UnusableError(_stranger(head), "Use PNG, JPEG, BMP, WebP or TIFF.")


def read_header(data: Data) -> PictureHeader:
    """Return what the file says of itself, without decoding it.

    Raises:
        UnusableError: not a picture, or its head is damaged.
    """
    header: PictureHeader = _format(kind_of(data)).read_header(data)
    return header


def check_whole(data: Data) -> None:
    """Check that nothing of the file is missing, as far as its format can tell.

    Raises:
        UnusableError: cut off or corrupt.
    """
    _format(kind_of(data)).check_whole(data)


def has_alpha(data: Data, header: PictureHeader) -> bool:
    """Say whether decoders give an alpha channel beside the colours; its pixels take a third more memory.

    Args:
        data: the file.
        header: what it says of itself.
    Raises:
        UnusableError: cut off or corrupt before its pixels.
    """
    return header.kind != "JPEG" and bool(_format(header.kind).has_alpha(data))


def _format(kind: Kind) -> Any:
    """Return the module of a format, loaded when the first file of its kind comes."""
    return importlib.import_module(f"segrun.formats.{kind.lower()}")


def _stranger(head: bytes) -> str:
    for at, magic, what in _STRANGERS:
        if head.lstrip()[at : at + len(magic)] == magic:
            return f"is {what}"
    return f"is not a picture (it starts with {head[:8].hex(' ')})"
