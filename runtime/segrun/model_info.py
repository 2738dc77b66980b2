"""What a loaded model is and where it runs."""

from __future__ import annotations

from dataclasses import dataclass

from segrun.card import ModelCard


@dataclass(frozen=True)
class ModelInfo:
    """A loaded model, for logs and for a system that must say what it ran.

    Args:
        card: what the model says of itself: tile, bands, classes, thresholds, precision, GSD, notices.
        engine: that runs, checked after loading.
        engine_reason: why it was taken.
        threads: of the engine.
        batch: tiles in one call of the engine.
        content_sha256: of the file without its metadata; empty where it was not loaded from a file.
    """

    card: ModelCard
    engine: str
    engine_reason: str
    threads: int
    batch: int
    content_sha256: str

    @property
    def name(self) -> str:
        """Of the model."""
        return self.card.name

    @property
    def tile(self) -> int:
        """Side of a tile, pixels."""
        return self.card.tile

    @property
    def bands(self) -> tuple[str, ...]:
        """Names of the channels of a frame, in order."""
        return self.card.bands

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the channels of the scores, in order."""
        return tuple(item.name for item in self.card.classes)
