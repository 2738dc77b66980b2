"""What picture files say of themselves before a pixel is decoded: their size, and the memory that decoding takes.

Nothing here needs OpenCV, so that a run can be planned, and its engine opened, while OpenCV is still being loaded.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segrun import formats
from segrun.errors import InputError
from segrun.folders import is_special
from segrun.formats import UnusableError
from segrun.picture_cost import PictureCost

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff")


def picture_size(path: Path) -> tuple[int, int]:
    """Return ``(height, width)`` of a picture from its header, without decoding it.

    Raises:
        InputError: not a picture, or its head is damaged.
    """
    with named(path), _mapped(path) as data:
        header = formats.read_header(data)
    return header.height, header.width


def picture_cost(path: Path) -> PictureCost:
    """Foretell the memory for a picture from its head, without decoding it.

    Raises:
        InputError: not a picture, or its head is damaged.
    """
    with named(path), _mapped(path) as data:
        header = formats.read_header(data)
        return PictureCost.of(
            header.height,
            header.width,
            bands=header.bands,
            alpha=formats.has_alpha(data, header),
            file_bytes=len(data),
        )


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    refuse_special(path)
    with path.open("rb") as file:
        if not path.stat().st_size:
            formats.kind_of(b"")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


def refuse_special(path: Path) -> None:
    """Refuse what cannot be read twice.

    Raises:
        UnusableError: a pipe or a device.
    """
    if is_special(path):
        raise UnusableError("is a pipe or a device", "Write it to a file first.")


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Put the file's name in front of what keeps it from being used."""
    try:
        yield
    except UnusableError as error:
        raise InputError(f"{path} {error}") from error
    except OSError as error:
        raise InputError(
            f"cannot read {path} ({error.strerror}). Check the path and its permissions."
        ) from error
