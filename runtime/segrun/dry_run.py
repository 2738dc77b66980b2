"""What a run of predict would do and take, found out without writing anything."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from segrun.boxes import Box
from segrun.errors import InputError
from segrun.grid import Grid
from segrun.memory import MIB, MemoryPlan, resident_mib
from segrun.memory_rule import MemoryRule
from segrun.model_file import ModelFile
from segrun.packed_scores import BYTES
from segrun.picture_head import picture_cost
from segrun.predict_options import PredictOptions
from segrun.predict_report import InputFailure, nodes_line
from segrun.predict_session import mask_rule, placement_of, plan_inputs, run_nothing
from segrun.preload import open_while_loading
from segrun.sessions.sharing import in_words
from segrun.sources import Frame, Planned, open_frame

TIMED_BATCHES = 3


@dataclass(frozen=True)
class DryInput:
    """What one input would take.

    Args:
        input: its path.
        tiles: to run; those in stretches that a sparse GeoTIFF leaves out are not counted.
        peak_mib: memory of the whole process.
        disk_mib: of its mask, scores and unfinished strips, uncompressed: the most it can take.
    """

    input: str
    tiles: int
    peak_mib: float
    disk_mib: float


@dataclass(frozen=True)
class DryRun:
    """What a run would take.

    Args:
        inputs: in the order of the run; what an earlier run finished is not left out.
        failures: inputs that would get no mask.
        engine: that would run.
        threads: of the engine.
        batch: tiles in one call.
        callers: calls of the engine side by side.
        ms_per_tile: median of a few batches, on nothing but zeros.
        placement: how many of the model's nodes each of onnxruntime's providers runs; None where nobody asked.
    """

    inputs: tuple[DryInput, ...]
    failures: tuple[InputFailure, ...]
    engine: str
    threads: int
    batch: int
    callers: int
    ms_per_tile: float
    placement: dict[str, int] | None = None

    @property
    def tiles(self) -> int:
        """Tiles to run."""
        return sum(item.tiles for item in self.inputs)

    @property
    def seconds(self) -> float:
        """Time that the engine would take; decoding and writing overlap with it."""
        return self.tiles * self.ms_per_tile / 1000

    @property
    def peak_mib(self) -> float:
        """Memory of the hungriest input."""
        return max((item.peak_mib for item in self.inputs), default=0.0)

    @property
    def disk_mib(self) -> float:
        """Disk space, at most."""
        return sum(item.disk_mib for item in self.inputs)

    @property
    def exit_code(self) -> int:
        """0 all can be done, 1 nothing can, 3 a part."""
        if not self.inputs:
            return 1
        return 3 if self.failures else 0

    def as_json(self) -> dict[str, Any]:
        """Return the findings as plain JSON values."""
        return {
            **dataclasses.asdict(self),
            "tiles": self.tiles,
            "seconds": self.seconds,
            "peak_mib": self.peak_mib,
            "disk_mib": self.disk_mib,
            "exit_code": self.exit_code,
        }

    def lines(self) -> Iterator[str]:
        """Yield the summary for a person."""
        yield f"{len(self.inputs)} masks to make, nothing written; {len(self.failures)} inputs cannot be used"
        yield (
            f"{self.tiles} tiles at {self.ms_per_tile:.1f} ms = {self.seconds:.0f} s "
            f"on {in_words(self.engine, self.threads, self.batch, self.callers)}"
        )
        if self.placement is not None:
            yield nodes_line(self.placement)
        yield f"memory: {self.peak_mib:.0f} MiB; disk: {self.disk_mib:.0f} MiB at most"


def dry_run(model: Path, inputs: Sequence[Path], options: PredictOptions) -> DryRun:
    """Find out what ``predict`` would do with the same arguments.

    Raises:
        InputError: there is nothing to do, two inputs would get one name, or an option does not fit the model.
        ModelError: the model is damaged, changed or unusable.
        EngineError: the engine is not here, or failed.
        MissingExtraError: a package is not installed.
    """
    file = ModelFile.read(model)
    file.verify_content()
    planned = plan_inputs(inputs, options)
    session, callers = open_while_loading(planned, file, options)
    try:
        rule = mask_rule(session.card, options, planned)
        placement = placement_of(file, session, options) if options.explain else None
        run_nothing(session, callers)
        took = []
        for _ in range(TIMED_BATCHES):
            started = time.perf_counter()
            run_nothing(session, callers)
            took.append(time.perf_counter() - started)
        memory = MemoryRule(rule, options, session.batch, callers)
        found, failures = _measured(planned, memory, resident_mib())
        ms_per_tile = 1000 * median(took) / (session.batch * callers)
        return DryRun(
            tuple(found),
            tuple(failures),
            session.engine,
            session.threads,
            session.batch,
            callers,
            ms_per_tile,
            placement,
        )
    finally:
        session.close()


def _measured(
    planned: Sequence[Planned], memory: MemoryRule, loaded_mib: float
) -> tuple[list[DryInput], list[InputFailure]]:
    """Look at each input as a run would: its memory first, and then, where that suffices, what is in it."""
    found, failures = [], []
    before_mib = 0.0
    for item in planned:
        try:
            needed, measured = _measured_input(item, memory, loaded_mib, before_mib)
        except InputError as error:
            failures.append(InputFailure(str(item.path), str(error)))
        else:
            found.append(measured)
            before_mib = needed.held_mib
    return found, failures


def _measured_input(
    item: Planned, memory: MemoryRule, loaded_mib: float, before_mib: float
) -> tuple[MemoryPlan, DryInput]:
    card, options = memory.rule.card, memory.options
    is_raster = item.kind == "raster"
    if not is_raster:
        cost = picture_cost(item.path)
        needed = memory.plan(item.path, (cost.height, cost.width), cost, loaded_mib)
    frame = open_frame(item, bands=len(card.bands), input_nodata=options.input_nodata)
    try:
        height, width = frame.height, frame.width
        if is_raster:
            needed = memory.plan(item.path, (height, width), frame.block, max(loaded_mib, resident_mib()))
        # Two at once, unless a bound lets the first one go before.
        both_mib = needed.peak_mib + before_mib
        peak_mib = both_mib if memory.allows(both_mib) else needed.peak_mib
        grid = Grid(height, width, card.tile, memory.rule.overlap)
        tiles = _tiles(frame, grid, needed.panel_width) if is_raster else grid.count
        # A raster's rows lie on the disk twice while they are assembled.
        pixel_bytes = 1 + (BYTES * len(card.classes) if options.scores else 0)
        disk = height * width * pixel_bytes * (2 if is_raster else 1) / MIB
        return needed, DryInput(str(item.path), tiles, peak_mib, disk)
    finally:
        frame.close()


def _tiles(frame: Frame, grid: Grid, panel_width: int) -> int:
    """Count the tiles that are not passed over with their whole row."""
    count = 0
    for panel in grid.panels(panel_width):
        for tile_row in range(len(grid.rows.starts)):
            boxes = list(panel.boxes(tile_row))
            first = boxes[0]
            whole = Box(first.row, first.col, first.height, boxes[-1].right - first.col)
            count += 0 if frame.is_empty(whole) else len(boxes)
    return count
