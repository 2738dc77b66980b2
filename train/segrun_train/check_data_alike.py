"""Pictures that look alike: by perceptual hash, also when one was flipped or turned by right angles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

_THUMB_PX = 32
_HASH_PX = 8
_MAX_BITS = 10  # of 64; unrelated pictures differ by about 32
_MIN_CORRELATION = 0.93
_MIN_CONTRAST = 4.0


@dataclass(frozen=True)
class Likeness:
    """What a picture looks like from afar.

    Args:
        hashes: uint64 [8], perceptual hashes of the picture in its eight flips and quarter turns; the first is as stored.
        thumb: float32 [32, 32], grey, mean 0 and norm 1; zeros where the picture has no contrast.
    """

    hashes: npt.NDArray[np.uint64]
    thumb: npt.NDArray[np.float32]


def likeness_of(pixels: npt.NDArray[np.uint8]) -> Likeness:
    """Measure one picture, uint8 [h, w, bands]."""
    grey = pixels.mean(axis=2, dtype=np.float32)
    thumb = cv2.resize(grey, (_THUMB_PX, _THUMB_PX), interpolation=cv2.INTER_AREA)
    centred = thumb - thumb.mean()
    contrast = float(centred.std())
    unit = centred / (contrast * _THUMB_PX) if contrast > _MIN_CONTRAST else np.zeros_like(centred)
    hashes = np.array([_hash(view) for view in eight_views(unit)], np.uint64)
    return Likeness(hashes, unit.astype(np.float32))


def eight_views(picture: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
    """Return a square picture [n, n] as it is, in its quarter turns, and the same mirrored."""
    return [np.rot90(mirrored, turns) for mirrored in (picture, picture[:, ::-1]) for turns in range(4)]


def alike_pairs(likenesses: Sequence[Likeness]) -> Iterator[tuple[int, int, int, float]]:
    """Yield pairs of indices whose pictures look alike, with the differing bits and the correlation.

    Pictures without contrast are never alike.
    """
    if len(likenesses) < 2:
        return
    stored = np.array([likeness.hashes[0] for likeness in likenesses], np.uint64)
    for first, likeness in enumerate(likenesses[:-1]):
        if not likeness.thumb.any():
            continue
        bits = np.bitwise_count(stored[None, first + 1 :] ^ likeness.hashes[:, None]).min(axis=0)
        for offset in np.flatnonzero(bits <= _MAX_BITS).tolist():
            second = first + 1 + offset
            views = eight_views(likeness.thumb)
            correlation = max(float((view * likenesses[second].thumb).sum()) for view in views)
            if correlation >= _MIN_CORRELATION:
                yield first, second, int(bits[offset]), correlation


def _hash(view: npt.NDArray[np.float32]) -> int:
    """Return the signs of the 64 lowest frequencies against their median.

    Source: the pHash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010).
    """
    low = cv2.dct(np.ascontiguousarray(view))[:_HASH_PX, :_HASH_PX].ravel()
    low[0] = 0
    return int.from_bytes(np.packbits(low > np.median(low)).tobytes(), "big")
