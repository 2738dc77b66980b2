"""The seam between inputs and the pipeline."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from segrun.boxes import Box
    from segrun.georeference import Georeference
    from segrun.pictures import Picture


class Frame(Protocol):
    """One opened picture or raster. Only one thread at a time may use it; every read may raise ``InputError``."""

    @property
    def name(self) -> PurePosixPath:
        """Output name without its ending, relative, mirroring the input's sub-folders: ``a/b``."""

    @property
    def path(self) -> Path:
        """The file it was opened from."""

    @property
    def height(self) -> int:
        """Rows."""

    @property
    def width(self) -> int:
        """Columns."""

    @property
    def bands(self) -> int:
        """Bands of what ``read`` returns, alpha not counted."""

    @property
    def suffix(self) -> str:
        """Ending of the mask that belongs to it: ``.png`` or ``.tif``."""

    @property
    def block(self) -> tuple[int, int]:
        """Rows and columns that are decoded at once: reads along whole rows of blocks decode nothing twice."""

    @property
    def georeference(self) -> Georeference | None:
        """Where it lies on the ground; None for a picture."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Oddities that did not keep it from being used, one line each."""

    def read(self, box: Box) -> Picture:
        """Return the pixels of a box that lies inside the frame, uint8 ``[box.height, box.width, bands]``."""

    def is_empty(self, box: Box) -> bool:
        """Say cheaply, without decoding, whether no pixel of the box is valid; False where that is not known."""

    def close(self) -> None:
        """Let go of the file."""
