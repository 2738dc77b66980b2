"""Frames from picture files, decoded once and held."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from segrun.boxes import Box
from segrun.pictures import Picture, read_picture
from segrun.sources.plan import Planned
from segrun.sources.validity import both, differs_from, none_if_all

if TYPE_CHECKING:
    from segrun.georeference import Georeference


class PictureFrame:
    """A decoded picture; reads are views of it, and safe from several threads.

    Args:
        planned: where it came from.
        picture: its pixels.
    """

    height: int
    width: int
    bands: int
    block: tuple[int, int]
    georeference: Georeference | None = None

    def __init__(self, planned: Planned, picture: Picture) -> None:
        self._planned = planned
        self._picture: Picture | None = picture
        self._warnings = picture.warnings
        self.height, self.width, self.bands = picture.pixels.shape
        self.block = (self.height, self.width)

    @classmethod
    def open(cls, planned: Planned, *, bands: int = 3, input_nodata: int | None = None) -> PictureFrame:
        """Read the picture; pixels that have ``input_nodata`` in every band, or alpha 0, are not valid.

        Raises:
            InputError: the picture cannot be used as the model needs it.
        """
        picture = read_picture(planned.path, bands=bands)
        if input_nodata is not None:
            stated = differs_from(picture.pixels, [input_nodata] * bands)
            valid = none_if_all(both(picture.valid, stated))
            picture = Picture(picture.pixels, valid, picture.warnings)
        return cls(planned, picture)

    @property
    def name(self) -> PurePosixPath:
        """Output name without its ending."""
        return self._planned.name

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return self._planned.path

    @property
    def suffix(self) -> str:
        """Ending of the mask."""
        return self._planned.suffix

    @property
    def warnings(self) -> tuple[str, ...]:
        """Oddities, one line each."""
        return self._warnings

    def read(self, box: Box) -> Picture:
        """Return the pixels of a box inside the frame.

        Raises:
            ValueError: the box reaches out of the frame, or the frame is closed.
        """
        picture = self._held()
        if box.bottom > self.height or box.right > self.width:
            raise ValueError(f"{box} reaches out of a frame of {self.height} x {self.width} pixels.")
        valid = None if picture.valid is None else none_if_all(picture.valid[box.slices])
        # A copy: tiles on their way keep it, and would keep the validity of the whole picture with it.
        return Picture(picture.pixels[box.slices], None if valid is None else valid.copy())

    def is_empty(self, box: Box) -> bool:
        """Say whether no pixel of the box is valid."""
        valid = self._held().valid
        return valid is not None and not bool(np.any(valid[box.slices]))

    def _held(self) -> Picture:
        if self._picture is None:
            raise ValueError(f"{self.path} is closed.")
        return self._picture

    def close(self) -> None:
        """Let go of the pixels, whoever still knows the frame: the next picture needs their memory."""
        self._picture = None
