"""What was measured so far, kept after every run: whatever fails later, the page can be made from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.alternating import Alternation
from benchmarks.scaling.sweeps import Kind, Point


@dataclass(frozen=True)
class Record:
    """A run of the sweeps.

    Args:
        command: that measures, as the page prints it.
        model: its name.
        sweeps: the points of each.
        calls: how many go side by side, by the point's name.
        costs: of every point's runs, by its name; a run that ended early left some with fewer than others.
    """

    command: str
    model: str
    sweeps: Mapping[Kind, Sequence[Point]]
    calls: Mapping[str, int]
    costs: Alternation

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        plain = {**asdict(self), "costs": self.costs.as_json()}
        path.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Record:
        """Return what ``write`` wrote.

        Raises:
            FileNotFoundError: there is none.
        """
        kept = json.loads(path.read_text(encoding="utf-8"))
        sweeps = {kind: [Point(**point) for point in points] for kind, points in kept["sweeps"].items()}
        return cls(
            kept["command"], kept["model"], sweeps, kept["calls"], Alternation.from_json(kept["costs"])
        )
