"""Golden tiles: two crops and Keras's scores for them, so that any device can replay the parity check."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segrun.errors import ModelError

CROPS = 2
SIDE = 128
MOST_BYTES = 256 * 1024
_SCALE = 65535
_MOST_CHANNELS = 64


@dataclass(frozen=True)
class GoldenTiles:
    """Two crops with positives and the scores that Keras gives them.

    Args:
        pixels: uint8 [2, side, side, b]; side is 128, or the tile's where that is smaller.
        scores: uint16 [2, side, side, k], ``round(score * 65535)``.
    Raises:
        ValueError: the arrays do not belong together.
    """

    pixels: npt.NDArray[np.uint8]
    scores: npt.NDArray[np.uint16]

    def __post_init__(self) -> None:
        right_types = self.pixels.dtype == np.uint8 and self.scores.dtype == np.uint16
        right_ranks = self.pixels.ndim == self.scores.ndim == 4
        if not (right_types and right_ranks and self.pixels.shape[:3] == self.scores.shape[:3]):
            raise ValueError(
                f"golden tiles are uint8 pixels and uint16 scores of one size. Received: {self.pixels.dtype} "
                f"{self.pixels.shape} and {self.scores.dtype} {self.scores.shape}."
            )
        crops, height, width, _ = self.pixels.shape
        if crops != CROPS or height != width or not 1 <= height <= SIDE:
            raise ValueError(
                f"golden tiles are {CROPS} squares of at most {SIDE}. Received: {self.pixels.shape}."
            )

    @classmethod
    def of(cls, pixels: npt.NDArray[np.uint8], scores: npt.NDArray[np.float32]) -> GoldenTiles:
        """Make golden tiles from crops and their scores.

        Args:
            pixels: uint8 [2, side, side, b].
            scores: float32 [2, side, side, k] in [0, 1].
        Raises:
            ValueError: the shapes do not fit, or a score is not in [0, 1].
        """
        if not bool(np.all((scores >= 0) & (scores <= 1))):
            raise ValueError("scores of golden tiles lie in [0, 1]. Received: others, or NaN.")
        return cls(pixels, np.round(scores * _SCALE).astype(np.uint16))

    @property
    def side(self) -> int:
        """Side of a crop, pixels."""
        return int(self.pixels.shape[1])

    @property
    def reference(self) -> npt.NDArray[np.float32]:
        """Keras's scores, float32 [2, side, side, k] in [0, 1], exact to half of 1/65535."""
        return self.scores.astype(np.float32) / np.float32(_SCALE)

    def padded(self, tile: int) -> npt.NDArray[np.uint8]:
        """Return the model's input: each crop in the middle of its tile, the rest reflected.

        Args:
            tile: side of the model's tile, pixels.
        Returns:
            uint8 [2, tile, tile, b].
        Raises:
            ValueError: the tile is smaller than the crops.
        """
        before, after = self._margins(tile)
        margin = (before, after)
        return np.pad(self.pixels, ((0, 0), margin, margin, (0, 0)), mode="reflect")

    def crop(self, scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Cut the part that belongs to the crops out of the model's output.

        Args:
            scores: float32 [2, tile, tile, k].
        Returns:
            float32 [2, side, side, k].
        """
        before, _ = self._margins(scores.shape[1])
        inside = slice(before, before + self.side)
        return scores[:, inside, inside]

    def _margins(self, tile: int) -> tuple[int, int]:
        spare = tile - self.side
        if spare < 0:
            raise ValueError(f"the tile must hold the crops. Received: tile={tile}, crops of {self.side}.")
        return spare // 2, spare - spare // 2

    def encode(self) -> str:
        """Return the text that stands under the key ``segrun.golden``.

        Raises:
            ValueError: it would be larger than 256 KiB.
        """
        header = {
            "crops": CROPS, "side": self.side, "bands": self.pixels.shape[3], "classes": self.scores.shape[3],
        }  # fmt: skip
        content = b"".join(
            (
                json.dumps(header).encode() + b"\n",
                np.ascontiguousarray(self.pixels).tobytes(),
                np.ascontiguousarray(self.scores, dtype="<u2").tobytes(),
            )
        )
        text = base64.b64encode(zlib.compress(content, level=9)).decode("ascii")
        if len(text) > MOST_BYTES:
            raise ValueError(
                f"golden tiles take at most {MOST_BYTES} bytes. Received: {len(text)} for {header}."
            )
        return text

    @classmethod
    def decode(cls, text: str, *, where: str = "the model") -> GoldenTiles:
        """Read the text under the key ``segrun.golden``.

        Raises:
            ModelError: damaged.
        """
        try:
            line, _, body = _unpacked(base64.b64decode(text, validate=True)).partition(b"\n")
            header = json.loads(line)
            crops, side = int(header["crops"]), int(header["side"])
            bands, classes = int(header["bands"]), int(header["classes"])
            cut = crops * side * side * bands
            pixels = np.frombuffer(body[:cut], np.uint8).reshape(crops, side, side, bands)
            scores = np.frombuffer(body[cut:], "<u2").reshape(crops, side, side, classes)
            return cls(pixels, scores.astype(np.uint16))
        except (ValueError, KeyError, TypeError, binascii.Error, zlib.error) as error:
            raise ModelError(
                f"{where} has damaged golden tiles ({error}). Export the model again."
            ) from error


def _unpacked(packed: bytes) -> bytes:
    # A bound, since a few kilobytes of zlib can unpack to gigabytes.
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(packed, 256 + CROPS * SIDE * SIDE * 3 * _MOST_CHANNELS)
    if not unpacker.eof:
        raise ValueError("cut off, or larger than golden tiles can be")
    return content
