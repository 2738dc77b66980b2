"""What every sink does alike: rows come in order, and a file is whole or absent."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segrun.atomic import replacing
from segrun.errors import OutputError


class RowOrder:
    """Counts the rows of one mask.

    Args:
        height: rows that must come.
        width: columns of each.
    """

    def __init__(self, height: int, width: int) -> None:
        if height < 1 or width < 1:
            raise ValueError(f"a mask has at least one pixel. Received: {height} x {width}.")
        self.height: int = height
        self.width: int = width
        self.written: int = 0

    def take(self, row: int, mask: npt.NDArray[np.uint8]) -> None:
        """Accept the next rows.

        Raises:
            ValueError: out of order, of another shape or type, or too many.
        """
        if mask.dtype != np.uint8 or mask.ndim != 2 or mask.shape[1] != self.width:
            raise ValueError(
                f"rows must be uint8 [rows, {self.width}]. Received: {mask.dtype} {list(mask.shape)}."
            )
        if row != self.written or row + mask.shape[0] > self.height:
            raise ValueError(
                f"rows must come in order, {self.written} of {self.height} are here. "
                f"Received: row={row}, {mask.shape[0]} rows."
            )
        self.written += mask.shape[0]

    def finish(self) -> None:
        """Check that all rows came.

        Raises:
            ValueError: rows are missing.
        """
        if self.written != self.height:
            raise ValueError(f"a mask needs all its rows. Received: {self.written} of {self.height}.")


class PendingFile:
    """A file under a temporary name that takes its place on ``commit`` and vanishes on ``abort``.

    Args:
        path: where the finished file will stand; its folder is made where it is missing.
    Raises:
        OutputError: the folder cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._closing = contextlib.ExitStack()
        with writing(path):
            # Asked first: for all but the first file of a folder the answer is yes, and mkdir's refusal costs more.
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True)
        self.temporary: Path = self._closing.enter_context(replacing(path, durable=False))

    def commit(self) -> Path:
        """Move the file into place.

        Raises:
            OutputError: it cannot be moved; it is removed.
        """
        with writing(self.path):
            self._closing.close()
        return self.path

    def abort(self) -> None:
        """Remove the file; harmless when it is gone already or stands in its place."""
        with contextlib.suppress(_Abandoned), self._closing:
            raise _Abandoned


class _Abandoned(Exception):  # noqa: N818 - it tells of no error
    """Unwinds ``replacing`` without a rename."""


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say which file could not be written, and what may help."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot write {path} ({error.strerror or error}). Free some space or name another output folder with -o."
        ) from error
