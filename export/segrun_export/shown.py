"""Pictures as export meets them: with a mask where truth is known, without one where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from segrun.pairs import Pair


class Shown(Protocol):
    """A picture, and its mask where there is one."""

    @property
    def stem(self) -> str:
        """Name below its folder, without the ending."""

    @property
    def image(self) -> Path:
        """The picture's file."""

    @property
    def mask(self) -> Path | None:
        """The mask's file; None where truth is not known."""


@dataclass(frozen=True)
class Unmasked:
    """A picture without truth.

    Args:
        stem: name without the ending.
        image: the picture's file.
    """

    stem: str
    image: Path
    mask: None = None


def shown(data: Sequence[Pair | Path]) -> tuple[Shown, ...]:
    """Turn what the user gave into pictures with or without masks."""
    return tuple(item if isinstance(item, Pair) else Unmasked(item.stem, item) for item in data)
