"""What predict makes, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from segrun.grid import Blend
from segrun.sessions import SessionOptions


@dataclass(frozen=True)
class PredictOptions:
    """What to make, and how.

    Args:
        out: the output folder.
        session: engine, threads, batch and hints for foreign models.
        thresholds: one for each class; None takes the card's.
        overlap: of neighbouring tiles, pixels; None takes the card's, at most a quarter of the tile.
        blend: how overlapping scores are weighed.
        nodata: value of pixels without data in PNG masks; None writes background there.
        input_nodata: pixels that have this value in every band are no data.
        symmetries: whether to take the mean over the eight flips and turns of each tile: eight times the work.
        overlay: whether to draw each mask over its picture.
        scores: whether to write the scores themselves beside each mask, as a GeoTIFF.
        resume: whether to go on with a run that did not finish.
        overwrite: whether to forget what the output folder holds.
        auto_batch: whether to choose ``session.batch`` by the engine and the memory.
        max_ram_mib: memory the run may take, MiB; panels and, with ``auto_batch``, batches are chosen to fit.
        explain: whether to list which of onnxruntime's providers runs how many of the model's nodes.
    Raises:
        ValueError: a bound on memory that is not above 0.
    """

    out: Path = Path("masks")
    session: SessionOptions = field(default_factory=lambda: SessionOptions(spinning=True))
    thresholds: tuple[float, ...] | None = None
    overlap: int | None = None
    blend: Blend = "hann"
    nodata: int | None = None
    input_nodata: int | None = None
    symmetries: bool = False
    overlay: bool = False
    scores: bool = False
    resume: bool = False
    overwrite: bool = False
    auto_batch: bool = False
    max_ram_mib: float | None = None
    explain: bool = False

    def __post_init__(self) -> None:
        if self.max_ram_mib is not None and not self.max_ram_mib > 0:
            raise ValueError(f"max_ram_mib must be above 0. Received: {self.max_ram_mib}.")
