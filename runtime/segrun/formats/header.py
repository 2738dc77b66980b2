"""What a picture file says of itself before it is decoded."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import Literal

Data = bytes | mmap.mmap

Kind = Literal["PNG", "JPEG", "BMP", "WebP", "TIFF"]
Colour = Literal["grey", "rgb", "palette", "cmyk", "other"]


@dataclass(frozen=True)
class PictureHeader:
    """The head of a picture file.

    Args:
        kind: the format, from the content.
        height: rows.
        width: columns.
        colour: how samples are to be understood.
        bands: colour bands once decoded, alpha not counted: 3 for a palette.
        bits: bits of one sample as stored.
    Raises:
        UnusableError: no pixels.
    """

    kind: Kind
    height: int
    width: int
    colour: Colour
    bands: int
    bits: int = 8

    def __post_init__(self) -> None:
        if self.height < 1 or self.width < 1:
            raise UnusableError(f"has no pixels ({self.width} x {self.height})", "Replace the file.")


class UnusableError(Exception):
    """A file that cannot be used; the caller knows its name and puts it in front.

    Args:
        cause: what is wrong, as the rest of a sentence that starts with the file's name.
        cure: what the user can do, a whole sentence.
    """

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(f"{cause}. {cure}")


def truncated(detail: str) -> UnusableError:
    """Return the error of a file whose end is missing."""
    return UnusableError(f"is cut off ({detail})", "Copy or download it again.")


def corrupt(detail: str) -> UnusableError:
    """Return the error of a file whose content contradicts its format."""
    return UnusableError(
        f"is corrupt ({detail})", "Copy or download it again; if a viewer shows it well, save it anew."
    )


def in_print_colours() -> UnusableError:
    """Return the error of a CMYK file, which decoders would turn to RGB each in its own way."""
    return UnusableError("is in CMYK (4 print colours)", "Convert it to RGB.")
