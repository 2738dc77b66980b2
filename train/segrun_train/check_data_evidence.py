"""What one pair of files shows, measured once; judging comes later."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segrun.errors import InputError
from segrun.formats import UnusableError, read_header
from segrun.pairs import Pair
from segrun.pictures import Picture, read_mask, read_picture
from segrun_train.check_data_alike import Likeness, likeness_of
from segrun_train.check_data_edges import EdgeAgreement, edge_agreement
from segrun_train.check_data_twins import Landmarks, landmarks_of

POSITIVE_ABOVE = 127


@dataclass(frozen=True)
class Trouble:
    """A file that cannot be used: ``kind`` as in a finding, ``cause`` the reader's own sentence."""

    file: Path
    kind: str
    cause: str


@dataclass(frozen=True)
class PairEvidence:
    """Measurements of one pair.

    Args:
        pair: the files.
        source: index of its folder among those given.
        size: (height, width) of the picture.
        mask_size: (height, width) of the mask.
        warnings: oddities that the reader named.
        invalid: share of pixels whose alpha is 0.
        histogram: int64 [256], how often each mask value occurs.
        positives_invalid: mask pixels above 127 whose alpha is 0.
        picture_sha256: of the decoded pixels.
        mask_sha256: of the decoded mask.
        likeness: what the picture looks like, for finding near duplicates.
        edges: whether the mask's outline fits; None where there is too little of it.
        landmarks: what the picture can be recognised by; None where no split is checked.
    """

    pair: Pair
    source: int
    size: tuple[int, int]
    mask_size: tuple[int, int]
    warnings: tuple[str, ...]
    invalid: float
    histogram: npt.NDArray[np.int64]
    positives_invalid: int
    picture_sha256: str
    mask_sha256: str
    likeness: Likeness
    edges: EdgeAgreement | None
    landmarks: Landmarks | None = None

    @property
    def positives(self) -> int:
        """Mask pixels above 127."""
        return int(self.histogram[POSITIVE_ABOVE + 1 :].sum())

    @property
    def values(self) -> npt.NDArray[np.int64]:
        """Mask values that occur, ascending."""
        return np.flatnonzero(self.histogram)


def measure_pair(
    pair: Pair, source: int, *, bands: int, classes: int, landmarks: bool = False
) -> PairEvidence | list[Trouble]:
    """Read a pair and measure it, or say what keeps it from being read.

    Args:
        pair: the files.
        source: index of its folder.
        bands: bands wanted of the picture.
        classes: 1 for binary masks (positive above 127), more for class indices.
        landmarks: look for landmarks, too.
    """
    picture, mask = _picture(pair.image, bands), _mask(pair.mask)
    troubles = [read for read in (picture, mask) if isinstance(read, Trouble)]
    if isinstance(picture, Trouble) or isinstance(mask, Trouble):
        return troubles
    labels = mask if classes > 1 else (mask > POSITIVE_ABOVE).astype(np.uint8)
    size = picture.pixels.shape[:2]
    fits = size == mask.shape
    hidden = 0 if picture.valid is None or not fits else int(((mask > POSITIVE_ABOVE) & ~picture.valid).sum())
    return PairEvidence(
        pair=pair, source=source, size=size, mask_size=mask.shape, warnings=picture.warnings,
        invalid=0.0 if picture.valid is None else float(1 - picture.valid.mean()),
        histogram=np.bincount(mask.ravel(), minlength=256), positives_invalid=hidden,
        picture_sha256=_digest(picture.pixels), mask_sha256=_digest(mask), likeness=likeness_of(picture.pixels),
        edges=edge_agreement(picture.pixels, labels, picture.valid) if fits else None,
        landmarks=landmarks_of(picture.pixels, picture.valid) if landmarks else None,
    )  # fmt: skip


def _picture(path: Path, bands: int) -> Picture | Trouble:
    try:
        return read_picture(path, bands=bands)
    except InputError as error:
        return Trouble(path, _kind(path, "unusable-picture"), str(error))


def _mask(path: Path) -> npt.NDArray[np.uint8] | Trouble:
    try:
        return read_mask(path)
    except InputError as error:
        return Trouble(path, _kind(path, "unusable-mask"), str(error))


def _kind(path: Path, otherwise: str) -> str:
    try:
        header = read_header(path.read_bytes())
    except (OSError, UnusableError):
        return "unreadable"
    return "16-bit" if header.bits > 8 else otherwise


def _digest(pixels: npt.NDArray[np.uint8]) -> str:
    return hashlib.sha256(repr(pixels.shape).encode() + np.ascontiguousarray(pixels).tobytes()).hexdigest()
