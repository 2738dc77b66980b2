"""What ``segrun bench`` found: data first, a table made from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segrun.candidate import Outcome
from segrun.text_table import aligned

HEADINGS = (
    "file", "engine", "threads", "batch", "p50 ms", "p95 ms", "p99 ms", "tiles/s", "Mpx/s", "peak MiB", "J/tile",
    "calls", "",
)  # fmt: skip
NO_ENERGY = "energy: not reported by this machine (no RAPL counter that this user may read, no NVML counter)"


@dataclass(frozen=True)
class BenchReport:
    """Outcomes in the order in which they were timed.

    Args:
        outcomes: one for each file, engine, number of threads and batch.
        system: operating system and processor.
        cpus: processors that the process may use.
        versions: of the packages that are installed.
        asked_for: engines named by the user, who wants to know if one is absent.
    """

    outcomes: tuple[Outcome, ...]
    system: str
    cpus: int
    versions: dict[str, str]
    asked_for: frozenset[str] = frozenset()

    @property
    def exit_code(self) -> int:
        """0 all timed, 1 nothing timed, 3 something failed, or an engine that was asked for is absent."""
        if all(item.timing is None for item in self.outcomes):
            return 1
        missed = any(
            item.status == "failed" or (item.status == "absent" and item.candidate.engine in self.asked_for)
            for item in self.outcomes
        )
        return 3 if missed else 0

    @property
    def energy_sources(self) -> tuple[str, ...]:
        """Names of the meters that counted."""
        return tuple(
            sorted({name for item in self.outcomes if item.timing is not None for name in item.timing.joules})
        )

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        rows = []
        for item in self.outcomes:
            rates = {"tiles_per_s": None, "mpx_per_s": None, "joules_per_tile": None}
            if item.timing is not None:
                rates = {name: getattr(item.timing, name) for name in rates}
            rows.append({**dataclasses.asdict(item), **rates})
        return {
            "machine": {"system": self.system, "cpus": self.cpus, "versions": self.versions},
            "energy": list(self.energy_sources) or "not reported",
            "rows": rows,
            "exit_code": self.exit_code,
        }

    def lines(self) -> Iterator[str]:
        """Yield the machine, the table and where the energy comes from."""
        yield f"{self.system}, {self.cpus} processors"
        yield from aligned([HEADINGS, *(_row(item) for item in self.outcomes)])
        yield "ms are of one call, which runs a whole batch"
        sources = self.energy_sources
        yield (f"energy: {', '.join(sources)}; other programs' share is in it" if sources else NO_ENERGY)


def _row(item: Outcome) -> tuple[str, ...]:
    where, timing = item.candidate, item.timing
    head = (Path(where.path).name, where.engine, str(where.threads), str(where.batch))
    if timing is None:
        return (*head, *("-",) * 8, item.note)
    joules = timing.joules_per_tile
    return (
        *head,
        *(f"{value:.2f}" for value in (timing.p50_ms, timing.p95_ms, timing.p99_ms)),
        f"{timing.tiles_per_s:.1f}",
        f"{timing.mpx_per_s:.2f}",
        "-" if item.peak_mib is None else f"{item.peak_mib:.0f}",
        "-" if joules is None else f"{joules:.3f}",
        str(timing.calls),
        item.note,
    )
