"""How much memory one input will take: asked before it is decoded, by a run and by a dry run alike."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path

from segrun import outputs
from segrun.errors import InputError
from segrun.frame_job import MaskRule
from segrun.grid import Grid
from segrun.memory import MemoryPlan, besides_mib, plan_memory
from segrun.picture_cost import PictureCost
from segrun.predict_options import PredictOptions


@dataclass(frozen=True)
class MemoryRule:
    """What decides the memory of an input, besides the input itself.

    Args:
        rule: how scores become masks.
        options: of the run.
        batch: tiles in one call.
        callers: calls of the engine side by side.
    """

    rule: MaskRule
    options: PredictOptions
    batch: int
    callers: int

    def plan(
        self,
        path: Path,
        size: tuple[int, int],
        source: PictureCost | tuple[int, int],
        loaded_mib: float,
    ) -> MemoryPlan:
        """Choose panels that fit, and say what they take with nothing else in hand.

        Args:
            path: of the input.
            size: rows and columns.
            source: what the picture costs, or the block that a raster decodes at once.
            loaded_mib: what the process holds already, the model included.
        Raises:
            InputError: more than the bound on memory.
        """
        card, options = self.rule.card, self.options
        height, width = size
        besides = besides_mib(
            height, width, len(card.classes), scores=options.scores, overlay=options.overlay
        )
        memory = plan_memory(
            Grid(height, width, card.tile, self.rule.overlap),
            loaded_mib=loaded_mib + besides,
            batch=self.batch,
            bands=len(card.bands),
            classes=len(card.classes),
            panel_width=outputs.PANEL_WIDTH_PX,
            source=source,
            max_ram_mib=options.max_ram_mib,
            callers=self.callers,
        )
        if not self.allows(memory.peak_mib):
            raise InputError(
                f"{path} needs more memory. Received: --max-ram {options.max_ram_mib:g} MiB. "
                f"Use --max-ram {10 * math.ceil(memory.peak_mib / 10)} at least."
            )
        return dataclasses.replace(memory, held_mib=memory.held_mib + besides)

    def allows(self, mib: float) -> bool:
        """Say whether so much keeps to the bound."""
        return self.options.max_ram_mib is None or mib <= self.options.max_ram_mib
