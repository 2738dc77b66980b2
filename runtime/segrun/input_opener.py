"""Opening the inputs of a run, one after the other, with the memory at hand in view."""

from __future__ import annotations

import logging
from collections.abc import Callable

from segrun.fingerprint import fingerprint
from segrun.in_flight import InFlight
from segrun.memory import MemoryPlan, resident_mib
from segrun.memory_rule import MemoryRule
from segrun.outputs import Output, OutputRule
from segrun.picture_cost import PictureCost
from segrun.picture_head import picture_cost
from segrun.sources import Frame, Planned, open_frame
from segrun.tiles import Cutter

log: logging.Logger = logging.getLogger("segrun")


class InputOpener:
    """Opens inputs for the thread that cuts them.

    Args:
        memory: what an input takes.
        rule: what is written for it.
        in_flight: outputs that were opened and have not ended; opened ones are added.
        wait_for_engine: returns when the engine holds all the memory that it will need.
    """

    def __init__(
        self,
        memory: MemoryRule,
        rule: OutputRule,
        in_flight: InFlight,
        wait_for_engine: Callable[[], object],
    ) -> None:
        self._memory = memory
        self._rule = rule
        self._in_flight = in_flight
        self._wait_for_engine = wait_for_engine
        self._loaded_mib = resident_mib()
        self._kinds_loaded: set[str] = set()
        self.predicted_mib: float = self._loaded_mib

    def open(self, item: Planned, cutter: Cutter[Output]) -> Output:
        """Open one input, where memory suffices for it.

        Args:
            item: the input.
            cutter: holds tiles of those before it, which are handed on where they must be done first.
        Raises:
            InputError: it cannot be used, or needs more memory than there may be.
            ChannelClosedError: nobody writes masks any more.
        """
        # Before a pixel is read: what changes from here on is noticed at the end.
        version = fingerprint(item.path)
        if item.kind == "raster":
            # Loads GDAL and decodes nothing.
            frame = self._open_frame(item)
            self._note_loaded(item.kind)
            try:
                memory = self._plan(item, frame, frame.block)
                self._make_room(memory, cutter)
            except BaseException:
                frame.close()
                raise
        else:
            self._note_loaded(item.kind)
            cost = picture_cost(item.path)
            memory = self._plan(item, cost, cost)
            self._make_room(memory, cutter)
            frame = self._open_frame(item)
        output = Output(
            item,
            frame,
            self._memory.rule,
            self._rule,
            memory.panel_width,
            fingerprint=version,
            held_mib=memory.held_mib,
        )
        log.info(
            "%s: %d tiles to run, predicted peak memory %.0f MiB",
            item.path,
            output.job.tiles,
            memory.peak_mib,
        )
        self._in_flight.add(output)
        return output

    def _open_frame(self, item: Planned) -> Frame:
        bands = len(self._memory.rule.card.bands)
        return open_frame(item, bands=bands, input_nodata=self._memory.options.input_nodata)

    def _plan(
        self, item: Planned, sized: Frame | PictureCost, source: PictureCost | tuple[int, int]
    ) -> MemoryPlan:
        return self._memory.plan(item.path, (sized.height, sized.width), source, self._loaded_mib)

    def _make_room(self, memory: MemoryPlan, cutter: Cutter[Output]) -> None:
        """Let those before go first where both would not keep to the bound, and note what is foreseen."""
        if not self._memory.allows(memory.peak_mib + self._in_flight.held_mib):
            # Under a bound one call at a time runs, so no result waits for the batch after it.
            cutter.flush()
            self._in_flight.wait_for_all()
        self.predicted_mib = max(self.predicted_mib, memory.peak_mib + self._in_flight.held_mib)

    def _note_loaded(self, kind: str) -> None:
        """Look once, for each kind of input, at what is held besides inputs."""
        if kind not in self._kinds_loaded:
            self._kinds_loaded.add(kind)
            self._wait_for_engine()
            self._loaded_mib = max(self._loaded_mib, resident_mib())
