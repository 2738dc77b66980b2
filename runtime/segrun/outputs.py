"""From a job's mask rows to the mask file of a picture or a raster, its overlay and its part of the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segrun.boxes import Box
from segrun.counts import NODATA, MaskCounts
from segrun.errors import InputError
from segrun.frame_job import DirectRows, FrameJob, MaskRule, RowKeeper
from segrun.grid import Grid
from segrun.memory import ASSEMBLED_PX
from segrun.packed_scores import BYTES
from segrun.seams import StepMeter
from segrun.sinks import Sink, open_sink
from segrun.sources import Frame, Planned

if TYPE_CHECKING:
    from segrun.overlay import OverlayWriter
    from segrun.score_raster import ScoreRaster
    from segrun.strips import StripStore

PANEL_WIDTH_PX = 4096


@dataclass(frozen=True)
class OutputRule:
    """What is written for each input.

    Args:
        out: the output folder.
        work: folder for unfinished strips and overlays inside it.
        nodata: value of pixels without data in PNG masks; None writes background.
        overlay: whether to draw the mask over the picture.
        tags: provenance for GeoTIFF masks.
        scores: whether to write the scores beside the mask.
        origin: model and options, which decide whether strips of an unfinished run are of use.
    """

    out: Path
    work: Path
    nodata: int | None
    overlay: bool
    tags: Mapping[str, str]
    scores: bool = False
    origin: str = ""


class Output:
    """One input's mask in the making.

    Args:
        planned: the input.
        frame: the same, opened; closed by ``finish`` and ``abort``.
        mask_rule: how scores become masks.
        rule: what is written.
        panel_width: of the widest panel of a raster, pixels; None takes ``PANEL_WIDTH_PX``.
        fingerprint: of the input, taken before it was opened.
        held_mib: what it holds until the mask is done, as predicted.
    """

    def __init__(
        self,
        planned: Planned,
        frame: Frame,
        mask_rule: MaskRule,
        rule: OutputRule,
        panel_width: int | None = None,
        *,
        fingerprint: str = "",
        held_mib: float = 0.0,
    ) -> None:
        self.planned = planned
        self.fingerprint = fingerprint
        self.frame = frame
        self.held_mib = held_mib
        self.error: InputError | None = None
        self._mask_path = planned.mask_path(rule.out)
        self.warnings: tuple[str, ...] = frame.warnings
        self._rule = rule
        self._names = [item.name for item in mask_rule.card.classes]
        if mask_rule.card.activation == "sigmoid":
            self._names = ["background", *self._names]
        self._pixel_m2 = _ground(frame)
        self._counts = MaskCounts(self._names, self._pixel_m2)
        self._sink: Sink | None = None
        self._overlay: OverlayWriter | None = None
        grid = Grid(frame.height, frame.width, mask_rule.card.tile, mask_rule.overlap)
        self.grid: Grid = grid
        self._steps = StepMeter(grid)
        self._is_raster = planned.kind == "raster"
        panel_width = (panel_width or PANEL_WIDTH_PX) if self._is_raster else max(frame.width, grid.tile)
        # A few rows at a time: what assembling, counting and drawing need stays small however wide the raster is.
        self._few = max(1, ASSEMBLED_PX // frame.width)
        self._classes = [item.name for item in mask_rule.card.classes]
        self._store: StripStore | None = None
        self._score_store: StripStore | None = None
        self._score_raster: ScoreRaster | None = None
        keeper: RowKeeper = DirectRows(grid, self._take)
        score_keeper: RowKeeper | None = DirectRows(grid, self._take_scores) if rule.scores else None
        if self._is_raster:
            from segrun.strips import FOLDER, StripStore

            folder = rule.work / FOLDER / planned.name
            origin = f"{rule.origin} {fingerprint}"
            keeper = self._store = StripStore(folder, panel_width, self._few, origin=origin)
            if rule.scores:
                pixel_bytes = BYTES * len(self._classes)
                score_keeper = self._score_store = StripStore(
                    folder / "scores", panel_width, self._few, pixel_bytes=pixel_bytes, origin=origin
                )
        self.job: FrameJob = FrameJob(mask_rule, grid, panel_width, keeper, score_keeper)

    def _take(self, row: int, mask: NDArray[np.uint8]) -> None:
        """Write finished full-width rows."""
        if self._sink is None:
            self._start()
        assert self._sink is not None
        self._counts.add(row, mask)
        self._steps.take(row, mask)
        self._sink.write(row, mask)
        if self._overlay is not None:
            box = Box(row, 0, mask.shape[0], mask.shape[1])
            self._overlay.write(row, self.frame.read(box).pixels, mask)

    def _take_scores(self, row: int, rows: NDArray[np.uint8]) -> None:
        """Write finished full-width rows of packed scores."""
        if self._score_raster is None:
            from segrun.score_raster import ScoreRaster, scores_path

            self._score_raster = ScoreRaster(
                scores_path(self.planned, self._rule.out),
                height=self.frame.height,
                width=self.frame.width,
                classes=self._classes,
                georeference=self.frame.georeference,
                tags=self._rule.tags,
            )
        self._score_raster.write(row, rows)

    def _start(self) -> None:
        frame, rule = self.frame, self._rule
        self._sink = open_sink(
            self._mask_path,
            height=frame.height,
            width=frame.width,
            foreground=len(self._names) - 1,
            nodata=rule.nodata,
            georeference=frame.georeference,
            tags=rule.tags,
        )
        if rule.overlay:
            from segrun.overlay import OverlayWriter

            self._overlay = OverlayWriter(
                rule.work / "overlays" / self.planned.name.with_name(self.planned.name.name + ".jpg"),
                height=frame.height,
                width=frame.width,
            )

    def finish(self) -> dict[str, Any]:
        """Put the mask in place and return the input's facts for the report.

        Raises:
            InputError: a tile of a picture failed: a PNG has no value for "not known", so there is none.
            OutputError: the mask cannot be written.
        """
        if self.job.failed_tiles and not self._is_raster:
            self.abort()
            raise InputError(
                f"{self.planned.path} has no mask: {self.job.failed_tiles} of its tiles gave scores that are not finite. "
                "Run segrun verify on the model."
            )
        if self._store is not None:
            self._assemble(self._store)
        assert self._sink is not None
        # Before the mask: a mask that stands is a finished input.
        scores = self._score_raster.commit() if self._score_raster is not None else None
        self._sink.commit()
        overlay = self._overlay.commit() if self._overlay is not None else None
        if self._store is not None:
            self._store.remove()
        self.frame.close()
        return self._facts(overlay, scores)

    def _assemble(self, store: StripStore) -> None:
        for tile_row in range(len(self.grid.rows.starts)):
            row, end = self.job.panels[0].strip_rows(tile_row)
            if self._overlay is None and store.is_nodata(self.job.panels, tile_row):
                self._take_nodata(row, end)
                continue
            for rows in store.assembled(self.job.panels, tile_row):
                self._take(row, rows)
                row += len(rows)

        if self._score_store is not None:
            for tile_row in range(len(self.grid.rows.starts)):
                row = self.grid.rows.starts[tile_row]
                for rows in self._score_store.assembled(self.job.panels, tile_row):
                    self._take_scores(row, rows)
                    row += len(rows)

    def _take_nodata(self, row: int, end: int) -> None:
        """Write full-width rows without data, which need no counting."""
        if self._sink is None:
            self._start()
        assert self._sink is not None
        self._counts.add_nodata((end - row) * self.frame.width)
        self._steps.skip()
        nothing = np.full((min(self._few, end - row), self.frame.width), NODATA, np.uint8)
        for first in range(row, end, len(nothing)):
            self._sink.write(first, nothing[: end - first])

    def _facts(self, overlay: Path | None, scores: Path | None) -> dict[str, Any]:
        counts = self._counts
        return {
            "input": str(self.planned.path),
            "kind": self.planned.kind,
            "mask": str(self._mask_path),
            "overlay": None if overlay is None else str(overlay),
            "scores": None if scores is None else str(scores),
            "height": self.frame.height,
            "width": self.frame.width,
            "tiles": self.job.run_tiles,
            "skipped_tiles": self.job.skipped_tiles,
            "failed_tiles": self.job.failed_tiles,
            "pixels": counts.pixels,
            "invalid_pixels": counts.invalid,
            "area_m2": counts.area_m2,
            "seams": self._steps.report(*self.job.overlap_difference).as_json(),
            "constant": counts.constant,
            "warnings": list(self.warnings),
        }

    def abort(self) -> None:
        """Leave nothing half-written; the strips of a raster stay for ``--resume``."""
        if self._sink is not None:
            self._sink.abort()
        if self._score_raster is not None:
            self._score_raster.abort()
        if self._overlay is not None:
            self._overlay.abort()
        self.frame.close()


def _ground(frame: Frame) -> Callable[[float, float], float] | None:
    if frame.georeference is None:
        return None
    from segrun.ground import GroundArea

    area = GroundArea.of(frame.georeference, frame.height, frame.width)
    return None if area is None else area.pixel_m2
