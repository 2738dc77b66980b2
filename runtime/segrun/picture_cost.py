"""What a picture takes while it is decoded, and afterwards."""

from __future__ import annotations

from dataclasses import dataclass

# OpenCV decodes into one array and hands over a copy of it.
DECODED_TWICE = 2
CHANNELS_WITH_ALPHA = 4


@dataclass(frozen=True)
class PictureCost:
    """Memory for one picture, foretold by its head.

    Args:
        height: rows.
        width: columns.
        decoding_bytes: while it is decoded, the file's own bytes among them.
        held_bytes: from then on until its mask is done.
    """

    height: int
    width: int
    decoding_bytes: int
    held_bytes: int

    @classmethod
    def of(cls, height: int, width: int, *, bands: int, alpha: bool, file_bytes: int) -> PictureCost:
        """Foretell what a picture of so many pixels takes.

        Args:
            height: rows.
            width: columns.
            bands: alpha not counted.
            alpha: whether it has one: it is decoded as a fourth band beside three, and may say which pixels are valid.
            file_bytes: size of the file, which is read whole.
        """
        pixels = height * width
        channels = CHANNELS_WITH_ALPHA if alpha else bands
        return cls(
            height, width, file_bytes + DECODED_TWICE * channels * pixels, (bands + int(alpha)) * pixels
        )
