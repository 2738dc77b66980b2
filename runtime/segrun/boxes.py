"""Rectangles of pixels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle inside a frame, in whole pixels; its end rows and columns are exclusive.

    Args:
        row: first row, 0 at the top.
        col: first column, 0 at the left.
        height: rows, at least 1.
        width: columns, at least 1.
    Raises:
        ValueError: a negative position or an empty rectangle.
    """

    row: int
    col: int
    height: int
    width: int

    def __post_init__(self) -> None:
        if self.row < 0 or self.col < 0 or self.height < 1 or self.width < 1:
            raise ValueError(
                f"a Box starts at row, col >= 0 and holds at least one pixel. Received: {self}. Clip it to the frame."
            )

    @property
    def bottom(self) -> int:
        """The first row below the box."""
        return self.row + self.height

    @property
    def right(self) -> int:
        """The first column right of the box."""
        return self.col + self.width

    @property
    def slices(self) -> tuple[slice, slice]:
        """The box as an index: ``array[box.slices]``."""
        return slice(self.row, self.bottom), slice(self.col, self.right)
