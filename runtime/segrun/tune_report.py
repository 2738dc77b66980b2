"""What a race of ``segrun tune`` came to: data first, a table made from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segrun.candidate import Outcome
from segrun.host_profile import HostProfile
from segrun.sessions import SHARING_ENGINES
from segrun.text_table import aligned


@dataclass(frozen=True)
class TuneReport:
    """Outcomes, in the order of the race, and what was remembered.

    Args:
        outcomes: of all candidates.
        overlap_px: of neighbouring tiles, for each file; None where only the engine knows the tile.
        gsd_cm: of each file, None where unknown.
        profiles: for each file with a winner: the ways to run it, and where they were written.
    """

    outcomes: tuple[Outcome, ...]
    overlap_px: dict[str, int | None]
    gsd_cm: dict[str, float | None]
    profiles: dict[str, tuple[HostProfile, str]]

    @property
    def exit_code(self) -> int:
        """0 when every file has a winner, 1 when none has, 3 else."""
        if not self.profiles:
            return 1
        return 0 if len(self.profiles) == len(self.gsd_cm) else 3

    def rates(self, outcome: Outcome) -> tuple[float | None, float | None]:
        """Return the rates of one outcome, None where they are not known.

        Returns:
            Megapixels through the engine in a second; square metres of new ground in a second, which leaves out what
            neighbouring tiles share.
        """
        path, timing = outcome.candidate.path, outcome.timing
        if outcome.ms_per_tile is None or timing is None:
            return None, None
        tiles_per_s = 1000 / outcome.ms_per_tile
        overlap, gsd_cm = self.overlap_px[path], self.gsd_cm[path]
        step = timing.tile - (timing.tile // 4 if overlap is None else overlap)
        ground = None if gsd_cm is None else tiles_per_s * (step * gsd_cm / 100) ** 2
        return tiles_per_s * timing.tile**2 / 1e6, ground

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        rows = []
        for outcome in self.outcomes:
            mpx, m2 = self.rates(outcome)
            rows.append({**dataclasses.asdict(outcome), "mpx_per_s": mpx, "m2_per_s": m2})
        return {
            "candidates": rows,
            "overlap_px": self.overlap_px,
            "profiles": {
                path: {**dataclasses.asdict(profile.best), "file": file}
                for path, (profile, file) in self.profiles.items()
            },
            "exit_code": self.exit_code,
        }

    def lines(self) -> Iterator[str]:
        """Yield the table, fastest first, and what was remembered."""
        rows = [("file", "engine", "threads", "batch", "side by side", "ms/tile", "Mpx/s", "m2/s", "")]
        timed = sorted(
            self.outcomes, key=lambda item: float("inf") if item.ms_per_tile is None else item.ms_per_tile
        )
        for item in timed:
            if item.status == "absent":
                continue
            mpx, m2 = self.rates(item)
            where = item.candidate
            numbers = (_text(item.ms_per_tile, ".2f"), _text(mpx, ".2f"), _text(m2, ",.0f"))
            together = str(where.callers) if where.engine in SHARING_ENGINES else "-"
            head = (Path(where.path).name, where.engine, str(where.threads), str(where.batch), together)
            rows.append((*head, *numbers, item.note))
        yield from aligned(rows)
        for engine, reason in {
            item.candidate.engine: item.reason for item in self.outcomes if item.status == "absent"
        }.items():
            yield f"engine {engine} is not here: {reason}"
        for path, (profile, file) in self.profiles.items():
            name = Path(path).name
            yield f"--engine auto runs {name} on {profile.best}: {file}"
            alone = profile.fastest(batch=1, callers=1)
            if alone is not None and alone != profile.best:
                yield f"segrun.load, one call at a time, runs {name} on {alone}: {alone.ms_per_tile:.2f} ms/tile"


def _text(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
