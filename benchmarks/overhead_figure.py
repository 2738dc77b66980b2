"""One figure of `docs/results/overhead.md`: two commands, their ratio, and the target."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.alternating import Alternation, ProcessCost, run_alternating

PYTHON = sys.executable
SEGRUN = str(Path(sys.executable).with_name("segrun"))
HERE = Path(__file__).parent
# As installed packages do, ours shall have its bytecode on the disk from the second start on.
ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": ""}


@dataclass(frozen=True)
class Figure:
    """What one command takes over another.

    Args:
        title: what is compared.
        target: the largest ratio of wall times that is good enough.
        tiles: that each command ran; 0 where none are run.
        costs: of ``ours`` and ``theirs``, round by round.
    """

    title: str
    target: float
    tiles: int
    costs: Alternation

    @property
    def reached(self) -> bool:
        """Whether the ratio of medians is within the target."""
        return self.costs.ratio("ours", "theirs").value <= self.target

    def as_json(self) -> dict[str, Any]:
        """Return every round and the ratios."""
        ratios = {name: vars(self.costs.ratio("ours", "theirs", name)) for name in ("wall_s", "cpu_s")}
        return {
            "title": self.title,
            "target": self.target,
            "tiles": self.tiles,
            "ratios": ratios,
            "runs": self.costs.as_json(),
        }

    def row(self) -> str:
        """Return a row of the table."""
        seconds = " | ".join(f"{self.costs.median(name):.2f} s" for name in ("theirs", "ours"))
        verdict = "reached" if self.reached else "**missed**"
        wall, processor = (self.costs.ratio("ours", "theirs", name) for name in ("wall_s", "cpu_s"))
        return f"| {self.title} | {seconds} | {wall} | {processor} | {self.target} | {verdict} |"


def measure(
    title: str,
    target: float,
    *,
    ours: list[str],
    theirs: list[str],
    runs: int,
    out: Path | None = None,
    tiles: int = 0,
) -> Figure:
    """Run two commands in turn.

    Args:
        title: what is compared.
        target: the largest ratio that is good enough.
        ours: the command that is judged.
        theirs: the one that it is compared with.
        runs: rounds that count.
        out: folder that ``ours`` writes, removed before each run.
        tiles: that each of them runs.
    Raises:
        CommandFailedError: one of them failed.
    """

    def clear(_name: str) -> None:
        if out is not None:
            shutil.rmtree(out, ignore_errors=True)

    def show(name: str, cost: ProcessCost) -> None:
        print(f"{title}: {name} {cost.wall_s:.2f} s, processor {cost.cpu_s:.2f} s", flush=True)

    commands = {"theirs": theirs, "ours": ours}
    return Figure(
        title, target, tiles, run_alternating(commands, runs, before=clear, after=show, env=ENVIRONMENT)
    )
