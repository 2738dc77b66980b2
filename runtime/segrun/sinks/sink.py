"""The seam between the pipeline and mask files."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

NODATA = 255


class Sink(Protocol):
    """One mask file in the making: whole rows in order, then ``commit``; ``abort`` leaves nothing behind.

    Masks hold class indices: 0 background, 1 to n the classes, ``NODATA`` where there is none.
    """

    @property
    def path(self) -> Path:
        """Where the finished mask will stand."""

    def write(self, row: int, mask: npt.NDArray[np.uint8]) -> None:
        """Append rows.

        Args:
            row: the frame row of ``mask[0]``: as many as were written before.
            mask: uint8 ``[rows, width]`` of class indices.
        Raises:
            OutputError: the place cannot be written or is full.
            ValueError: rows out of order, or of another width.
        """

    def commit(self) -> Path:
        """Finish the file, move it into place and return where it stands.

        Raises:
            OutputError: the file cannot be finished; nothing is left behind.
            ValueError: rows are missing.
        """

    def abort(self) -> None:
        """Throw the unfinished file away; an earlier file of that name stays. Harmless after ``commit``."""
